#include "anonymize_follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "anonymize/kind.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "os/followed_file.hpp"
#include "os/position_file.hpp"

namespace trackier::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Path = std::filesystem::path;

constexpr milliseconds poll_interval{50};
constexpr milliseconds save_interval{1000};
constexpr std::size_t batch_bytes = 4 * 1024 * 1024;
constexpr std::size_t small_batch = 256 * 1024;

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path{"."};
}

void check(const AnonymizeOptions& options, const AnonymizePlan& plan) {
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw Error{Code::usage, what, hint};
  };
  if (!options.position) {
    refuse("--follow needs --position", "name a file that keeps how far the log has been read");
  }
  if (plan.tasks.size() != 1 || plan.tasks.front().input == "-") {
    refuse("--follow takes one log, by its name", "run one for each log");
  }
  if (options.check || options.dry_run || options.report || options.output_directory) {
    refuse("--follow does not end, so there is nothing to report, and takes no --out-dir",
           "use -o, or leave the option out");
  }
  if (plan.tasks.front().encoding != codec::Encoding::none) {
    refuse("--follow does not compress", "leave that to the rotation of the output");
  }
  const auto format = plan.job.format ? plan.job.format : plan.profile.format;
  if (!format) {
    refuse("--follow needs --format", "the first lines of a new log may not be there to tell it");
  }
  if (*format == anonymize::Format::csv || *format == anonymize::Format::tsv) {
    refuse("--follow does not read csv and tsv", "their columns are named in the first line only");
  }
  if (plan.random_key) {
    refuse("--follow needs a key", "pseudonyms would change at each restart; pass --key file:PATH");
  }
}

class Piece final : public Source {
 public:
  explicit Piece(std::string_view text) : rest_(as_bytes(text)) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    std::copy_n(rest_.begin(), count, into.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
};

class Collected final : public Sink {
 public:
  void write(Bytes bytes) override { text.append(as_text(bytes)); }
  void finish() override {}
  std::string text;
};

class Follow {
 public:
  Follow(Context& context, const AnonymizePlan& plan, const Path& position)
      : context_(context), plan_(plan), position_(context.files(), position) {}

  int run() {
    const Path path = plan_.tasks.front().input;
    const auto saved = position_.load();
    open_output(saved);
    os::FollowOptions options{
        .fingerprint =
            [this](Bytes head) {
              std::string text;
              plan_.pseudonymizer.append_hex(anonymize::Kind::field, head, 256, text);
              return text;
            },
        .lost = [this](const std::string& what) { context_.out().warning(what); },
        .batch_bytes = batch_bytes};
    os::FollowedFile log{context_.files(), path, std::move(options),
                         saved ? std::optional{saved->read} : std::nullopt};
    try {
      work(log);
    } catch (const os::Interrupted&) {
      save();
      throw;
    }
    save();
    return 0;  // main() dies of the signal
  }

 private:
  /// What the last run wrote after it saved its position is cut off: it is read again.
  void open_output(const std::optional<os::FollowState>& saved) {
    const auto& target = plan_.tasks.front().output;
    state_ = saved.value_or(os::FollowState{});
    if (!target) {
      output_ = os::standard_output();
      return;
    }
    const std::string name = printable(target->native());
    const bool exists = context_.files().entry(*target).has_value();
    output_ = exists ? context_.files().open_for_update(*target)
                     : context_.files().create_exclusive(*target, 0600);
    if (!output_) {
      throw Error{Code::cannot_create, fmt::format("{} appeared just now", name), "try again"};
    }
    const os::FileStatus status = output_->status();
    const bool ours = saved ? status.device == saved->output_device &&
                                  status.inode == saved->output_inode &&
                                  status.size >= saved->output_bytes
                            : status.size == 0;
    if (!ours) {
      throw Error{Code::cannot_create,
                  fmt::format("{} is not what the position file says was written", name),
                  "name another output together with another position file"};
    }
    output_->truncate(state_.output_bytes);
    context_.files().sync_directory(directory_of(*target));
    state_.output_device = status.device;
    state_.output_inode = status.inode;
  }

  void work(os::FollowedFile& log) {
    const auto stop = context_.interrupt().token();
    auto saved_at = steady_clock::now();
    while (!stop.stop_requested()) {
      const auto now = steady_clock::now();
      const auto lines = log.next(std::chrono::duration_cast<milliseconds>(now.time_since_epoch()));
      if (lines && !pass_on(*lines)) {
        return;
      }
      if (now - saved_at >= save_interval) {
        save();
        saved_at = now;
      }
      if (!lines) {
        std::this_thread::sleep_for(poll_interval);
      }
    }
  }

  /// False when the run was asked to end before all was worked on; nothing was written then.
  bool pass_on(const os::FollowedFile::Lines& lines) {
    Piece input{lines.bytes};
    Collected output;
    anonymize::JobOptions job = plan_.job;
    job.min_share = 0;  // of a few lines none may be of the format: they are treated as unparsed
    if (lines.bytes.size() <= small_batch) {
      job.workers = 1;
    }
    const auto stop = context_.interrupt().token();
    anonymize::run_job(input, output, plan_.profile, plan_.pseudonymizer, job, {}, stop);
    if (stop.stop_requested()) {
      return false;
    }
    if (is_file()) {
      output_->write_at(state_.output_bytes, as_bytes(output.text));
    } else {
      output_->write(as_bytes(output.text));
    }
    state_.output_bytes += output.text.size();
    state_.read = lines.after;
    changed_ = true;
    return true;
  }

  void save() {
    if (!changed_) {
      return;
    }
    const os::Uninterrupted uninterrupted;
    if (is_file()) {
      output_->sync_data();
    }
    position_.save(state_);
    changed_ = false;
  }

  [[nodiscard]] bool is_file() const { return state_.output_inode != 0; }

  Context& context_;
  const AnonymizePlan& plan_;
  os::PositionFile position_;
  std::unique_ptr<os::File> output_;
  os::FollowState state_;
  bool changed_ = false;
};

}  // namespace

int follow(Context& context, const AnonymizeOptions& options) {
  const AnonymizePlan plan = make_plan(context, options);
  check(options, plan);
  const Path position = *options.position;
  Needs needs;
  needs.inside = {directory_of(plan.tasks.front().input), directory_of(position)};
  if (plan.tasks.front().output) {
    needs.inside.push_back(directory_of(*plan.tasks.front().output));
  }
  confine(context, needs);
  return Follow{context, plan, position}.run();
}

}  // namespace trackier::cli
