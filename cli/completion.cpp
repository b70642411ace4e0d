#include "commands.hpp"
#include "completion_scripts.hpp"
#include "context.hpp"

namespace trackier::cli {

Command completion() {
  auto shell = std::make_shared<std::string>();
  Command command{"completion", "print the completion script of a shell"};
  command.about("The package installs the scripts; this is for who has the binary alone.");
  command.positional("SHELL", *shell, "bash, zsh or fish")
      .one_of({"bash", "zsh", "fish"})
      .required();
  command.example(
      "trackier-ctl completion bash > ~/.local/share/bash-completion/completions/trackier-ctl");
  command.run([shell](Context& context) {
    const auto script = *shell == "bash"  ? bash_completion
                        : *shell == "zsh" ? zsh_completion
                                          : fish_completion;
    context.out().result(script(context.program()));
    return 0;
  });
  return command;
}

}  // namespace trackier::cli
