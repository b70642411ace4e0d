#include "source_file.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "envelope/open.hpp"

namespace trackier::cli {
namespace {

using os::FileStatus;
using Path = std::filesystem::path;

/// Less is not worth a word: the file system rounds, and keeps small files elsewhere.
constexpr std::uint64_t small_hole = 1024 * 1024;

Error is_written(const std::string& name) {
  return Error{Code::busy, fmt::format("{} is being written to", name),
               "what is written next would be lost: rotate the log first, and encrypt what was "
               "rotated"};
}

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path{"."};
}

}  // namespace

SourceFile::SourceFile(Context& context, const Input& input)
    : context_(context),
      input_(input),
      file_(open_input(context.files(), input)),
      status_(file_->status()) {
  if (input.path == "-" && status_.kind == FileStatus::Kind::terminal) {
    context.out().note("reading the terminal; Ctrl-D ends it");
  }
  if (!is_named_file()) {
    return;
  }
  if (file_->has_writer().value_or(false)) {
    throw is_written(shown(input));
  }
  if (status_.allocated < status_.size / 2 && status_.size - status_.allocated >= small_hole) {
    context.out().warning(fmt::format("{} has holes: {} of data become an envelope of {}",
                                      shown(input), human_bytes(status_.allocated),
                                      human_bytes(status_.size)));
  }
}

bool SourceFile::is_named_file() const {
  return input_.path != "-" && status_.kind == FileStatus::Kind::regular;
}

void SourceFile::check_removable() {
  const auto entry = context_.files().entry(input_.path);
  if (!is_named_file() || !entry || entry->kind != FileStatus::Kind::regular) {
    throw Error{Code::no_input, fmt::format("{} is not a regular file", shown(input_)),
                "--remove-source removes regular files only"};
  }
  if (status_.links != 1) {
    throw Error{Code::no_input,
                fmt::format("{} has {} names: removing one would not remove the file",
                            shown(input_), status_.links),
                "leave --remove-source out"};
  }
}

envelope::Metadata SourceFile::metadata() const {
  if (!is_named_file()) {
    return {};
  }
  return {.name = Path{input_.path}.filename().native(),
          .modified_ns = status_.modified_ns,
          .mode = status_.mode};
}

void SourceFile::check_unchanged() const {
  if (!is_named_file()) {
    return;
  }
  const FileStatus now = file_->status();
  if (now.size != status_.size || now.modified_ns != status_.modified_ns) {
    throw Error{Code::busy, fmt::format("{} changed while it was read", shown(input_)),
                "rotate the log first, and encrypt what was rotated"};
  }
}

void SourceFile::check_still_there() {
  const auto now = context_.files().entry(input_.path);
  if (!now || !now->same_file(status_)) {
    throw Error{Code::busy, "its name has come to mean another file"};
  }
  if (now->size != status_.size || now->modified_ns != status_.modified_ns) {
    throw Error{Code::busy, "it changed meanwhile"};
  }
  if (now->links != 1) {
    throw Error{Code::busy, "it has got another name meanwhile"};
  }
  if (file_->has_writer().value_or(false)) {
    throw Error{Code::busy, "it is being written to"};
  }
}

void SourceFile::remove(const Path& target, const crypto::Secret& data_key,
                        std::uint64_t payload_bytes, unsigned workers) {
  const std::string name = printable(target.native());
  doing(fmt::format("{} stays", shown(input_)), [&] {
    const auto sealed = context_.files().open(target);
    sealed->forget_cached();
    try {
      const auto opening =
          envelope::Opening::of_file(*sealed, {envelope::data_key_identity(data_key)}, name);
      const auto opened = envelope::verify_file(
          *sealed, opening, {.name = name, .workers = workers}, {}, context_.interrupt().token());
      if (opened.plain_bytes != payload_bytes) {
        throw Error{Code::data, fmt::format("{} has another length", name)};
      }
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      throw Error{Code::io, fmt::format("read again, {}", error.what()),
                  "the disk does not hold what was written to it"};
    }
    check_still_there();
    context_.files().remove(input_.path);
    context_.files().sync_directory(directory_of(input_.path));
  });
}

}  // namespace trackier::cli
