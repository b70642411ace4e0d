#include "destination.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "os/file_stream.hpp"
#include "private_file.hpp"

namespace trackier::cli {
namespace {

using os::FileStatus;

/// Writes on, and finishes nothing.
class Unfinished final : public Sink {
 public:
  explicit Unfinished(Sink& next) : next_(next) {}
  void write(Bytes bytes) override { next_.write(bytes); }
  void finish() override {}

 private:
  Sink& next_;
};

void refuse_same_file(const FileStatus& input, const FileStatus& output, const std::string& name) {
  if (input.kind == FileStatus::Kind::regular && input.same_file(output)) {
    throw Error{Code::cannot_create, fmt::format("{} is both input and output", name),
                "write to another file and rename it afterwards"};
  }
}

}  // namespace

Destination::Destination(Context& context, const Target& target, const FileStatus& input,
                         const os::ReplaceOptions& options) {
  if (!target.path) {
    stream_ = os::standard_output();
    refuse_same_file(input, stream_->status(), "standard output");
    sink_ = std::make_unique<os::FileSink>(*stream_);
    return;
  }
  const std::string name = printable(target.path->native());
  const auto existing = context.files().status(*target.path);
  if (existing) {
    refuse_same_file(input, *existing, name);
  }
  if (existing && target.named &&
      (existing->kind == FileStatus::Kind::pipe || existing->kind == FileStatus::Kind::terminal ||
       existing->kind == FileStatus::Kind::other)) {
    // A FIFO or a device is written to, as every filter does; only files appear whole.
    stream_ = context.files().open_device(*target.path);
    sink_ = std::make_unique<os::FileSink>(*stream_);
    return;
  }
  if (options.replace) {
    refuse_keyring(context, *target.path);
  }
  replaced_ = std::make_unique<os::ReplaceFile>(context.files(), *target.path, options);
  sink_ = std::make_unique<Unfinished>(*replaced_);
}

os::File* Destination::in_place(std::uint64_t bytes) {
  return replaced_ ? &replaced_->written_in_place(bytes) : nullptr;
}

void Destination::finish() {
  if (replaced_) {
    replaced_->finish();
  }
}

}  // namespace trackier::cli
