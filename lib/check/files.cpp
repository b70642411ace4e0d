#include "check/files.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/text.hpp"

namespace trackier::check {
namespace {

using Kind = os::FileStatus::Kind;

constexpr unsigned writable = 022;  // by others than the owner
constexpr unsigned anything = 077;  // for others
constexpr unsigned sticky = 01000;
constexpr std::size_t most_files = 200'000;
constexpr std::size_t most_named = 5;  // in one finding

/// What is wrong, and the command that cures it.
struct Wrong {
  std::string what;
  std::string cure;
};

std::string shown(const std::filesystem::path& path) {
  return printable(path.native());
}

/// For a shell, whatever is in the name.
std::string quoted(const std::filesystem::path& path) {
  std::string text = "'";
  for (const char each : path.native()) {
    text += each == '\'' ? std::string{"'\\''"} : std::string{each};
  }
  return printable(text + "'", 4096);
}

class Looker {
 public:
  explicit Looker(const Host& host) : host_(host) {}

  /// forbidden: bits that its mode may not have.
  [[nodiscard]] std::optional<Wrong> wrong_with(const std::filesystem::path& path,
                                                const os::FileStatus& status,
                                                unsigned forbidden) const {
    if (status.user != host_.user && status.user != 0) {
      return Wrong{fmt::format("{} belongs to user {}", shown(path), status.user),
                   fmt::format("chown {} {}", host_.user, quoted(path))};
    }
    if ((status.mode & forbidden) != 0) {
      return Wrong{
          fmt::format("{} has mode {:04o}", shown(path), status.mode),
          fmt::format("chmod {} {}", forbidden == anything ? "go=" : "go-w", quoted(path))};
    }
    return std::nullopt;
  }

  /// The directories from the root down to the one it is in, as they are written and where they
  /// lead.
  [[nodiscard]] std::optional<Wrong> wrong_above(const std::filesystem::path& path) const {
    for (auto above = path.parent_path(); !above.empty(); above = above.parent_path()) {
      const auto status = host_.files.status(above);
      if (status && (status->mode & sticky) == 0) {
        if (auto wrong = wrong_with(above, *status, writable)) {
          return wrong;
        }
      } else if (status && status->user != 0 && status->user != host_.user) {
        return wrong_with(above, *status, 0);
      }
      if (above == above.parent_path()) {
        break;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] const Host& host() const { return host_; }

 private:
  const Host& host_;
};

std::filesystem::path full(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

/// One file, which has to be there.
Finding one_file(const Looker& looker, Finding finding, const std::filesystem::path& path,
                 unsigned forbidden) {
  const auto status = looker.host().files.status(path);
  if (!status) {
    finding.status = Status::fail;
    finding.found = shown(path) + " is not there";
    finding.cure = "put it there, or correct the settings";
    return finding;
  }
  if (forbidden == anything && status->kind != Kind::regular) {
    finding.status = Status::fail;
    finding.found = shown(path) + " is no regular file";
    finding.cure = "name a file";
    return finding;
  }
  auto wrong = looker.wrong_with(path, *status, forbidden);
  if (!wrong) {
    wrong = looker.wrong_above(full(path));
  }
  finding.status = wrong ? Status::fail : Status::pass;
  finding.found = wrong ? wrong->what
                        : fmt::format("{} has mode {:04o} and belongs to user {}", shown(path),
                                      status->mode, status->user);
  finding.cure = wrong ? wrong->cure : "";
  return finding;
}

/// Everything below a directory. Others may read what is neither key nor state of a backup.
class Tree {
 public:
  explicit Tree(const Looker& looker) : looker_(looker) {}

  void walk(const std::filesystem::path& path, unsigned forbidden) {
    if (++seen_ > most_files) {
      throw Error{Code::data, fmt::format("there are more than {} files", most_files),
                  "look yourself: find . -perm /022"};
    }
    const auto status = looker_.host().files.entry(path);
    if (!status) {
      return;  // gone since it was listed
    }
    if (status->kind == Kind::symlink) {
      note({shown(path) + " is a symbolic link", "put the file itself there"});
      return;
    }
    if (auto wrong = looker_.wrong_with(path, *status, forbidden)) {
      note(std::move(*wrong));
    }
    if (status->kind != Kind::directory) {
      return;
    }
    for (const auto& name : looker_.host().files.list(path)) {
      walk(path / name, forbidden);
    }
  }

  void note(Wrong wrong) {
    ++wrong_;
    if (wrongs_.size() < most_named) {
      wrongs_.push_back(std::move(wrong));
    }
  }

  [[nodiscard]] Finding judged(Finding finding) const {
    finding.status = wrong_ == 0 ? Status::pass : Status::fail;
    if (wrong_ == 0) {
      finding.found = fmt::format("{} files and directories, all as they have to be", seen_);
      return finding;
    }
    for (const Wrong& each : wrongs_) {
      finding.found += (finding.found.empty() ? "" : "; ") + each.what;
      finding.cure += (finding.cure.empty() ? "" : "; ") + each.cure;
    }
    if (wrong_ > wrongs_.size()) {
      finding.found += fmt::format("; and {} more", wrong_ - wrongs_.size());
    }
    return finding;
  }

 private:
  const Looker& looker_;
  std::size_t seen_ = 0;
  std::size_t wrong_ = 0;
  std::vector<Wrong> wrongs_;
};

Finding not_applicable(Finding finding, std::string why) {
  finding.status = Status::not_applicable;
  finding.found = std::move(why);
  return finding;
}

Finding look_at_state(const Looker& looker, Finding finding, const std::filesystem::path& state) {
  const auto status = looker.host().files.entry(state);
  if (!status) {
    return not_applicable(std::move(finding), shown(state) + " is not there: nothing was kept yet");
  }
  if (status->kind != Kind::directory) {
    finding.status = Status::fail;
    finding.found = shown(state) + " is no directory";
    finding.cure = "move it away";
    return finding;
  }
  Tree tree{looker};
  if (auto wrong = looker.wrong_above(full(state))) {
    tree.note(std::move(*wrong));
  }
  if (auto wrong = looker.wrong_with(state, *status, writable)) {
    tree.note(std::move(*wrong));
  }
  for (const auto& name : looker.host().files.list(state)) {
    // Chains and the key that signs are in "backup"; the rest holds no key that is not sealed.
    tree.walk(state / name, name == "backup" || name == "keyring.tke" ? anything : writable);
  }
  return tree.judged(std::move(finding));
}

Finding look_at_store(const Looker& looker, Finding finding, const std::filesystem::path& store) {
  constexpr unsigned by_all = 002;
  const auto status = looker.host().files.status(store);
  if (!status) {
    throw Error{Code::no_input, shown(store) + " is not there", "is its disk mounted?"};
  }
  Tree tree{looker};
  if (auto wrong = looker.wrong_above(full(store))) {
    tree.note(std::move(*wrong));
  }
  // What is in it is sealed and signed: it may be read, and a group may keep it.
  if (auto wrong = looker.wrong_with(store, *status, by_all)) {
    tree.note(std::move(*wrong));
  }
  for (const auto& name : looker.host().files.list(store)) {
    tree.walk(store / name, by_all);
  }
  return tree.judged(std::move(finding));
}

}  // namespace

Findings check_files(const Host& host, const FilesSubject& subject) {
  const Looker looker{host};
  Findings findings;
  const Finding settings{
      .id = "files.settings",
      .probed = subject.settings.empty() ? "the settings" : "stat of " + shown(subject.settings)};
  looking(findings, settings, [&] {
    return subject.settings.empty() ? not_applicable(settings, "there is no settings file")
                                    : one_file(looker, settings, subject.settings, writable);
  });
  for (const NamedFile& each : subject.secrets) {
    const Finding key{.id = "files.keys",
                      .subject = printable(each.name),
                      .probed = "stat of " + shown(each.path)};
    looking(findings, key, [&] { return one_file(looker, key, each.path, anything); });
  }
  if (subject.secrets.empty()) {
    findings.push_back(not_applicable({.id = "files.keys", .probed = "the settings"},
                                      "the settings name no key in a file"));
  }
  const Finding keyring{.id = "files.keyring", .probed = "stat of " + shown(subject.keyring)};
  looking(findings, keyring, [&] {
    return host.files.status(subject.keyring)
               ? one_file(looker, keyring, subject.keyring, anything)
               : not_applicable(keyring, "there is no keyring " + shown(subject.keyring));
  });
  const Finding state{.id = "files.state",
                      .probed = fmt::format("stat of {} and all below it", shown(subject.state))};
  looking(findings, state, [&] { return look_at_state(looker, state, subject.state); });
  const Finding store{.id = "files.store",
                      .probed = subject.store.empty() ? "the settings"
                                                      : fmt::format("stat of {} and all below it",
                                                                    shown(subject.store))};
  looking(findings, store, [&] {
    return subject.store.empty() ? not_applicable(store, "the settings name no store")
                                 : look_at_store(looker, store, subject.store);
  });
  return findings;
}

}  // namespace trackier::check
