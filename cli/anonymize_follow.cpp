#include "anonymize_follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "anonymize/kind.hpp"
#include "anonymize/preamble.hpp"
#include "codec/decoder.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "decoded_file.hpp"
#include "follow_plan.hpp"
#include "followed_output.hpp"
#include "os/change_watch.hpp"
#include "os/followed_file.hpp"
#include "os/link_target.hpp"
#include "os/position_file.hpp"

namespace trackier::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Path = std::filesystem::path;
using Lines = os::FollowedFile::Lines;

constexpr milliseconds save_interval{1000};
constexpr std::size_t preamble_piece = std::size_t{1} << 20U;

/// Reads and writes in one: a job takes lines from here, waiting for them, until the file they are
/// in ends, and gives back what they have become. With several workers it takes in one thread while
/// it gives in another; what both need is under lock_.
class Follow final : public Source, public Sink {
 public:
  Follow(Context& context, const AnonymizePlan& plan, const Path& position)
      : context_(context),
        plan_(plan),
        path_(plan.tasks.front().input),
        position_(context.files(), position),
        saved_(position_.load()),
        log_(context.files(), path_, follow_options(), from()),
        output_(context, plan.tasks.front().output,
                {.saved = saved_, .is_made_again = log_.is_resumed(), .mode = mode()}),
        job_(plan.job) {
    if (const auto status = context.files().status(path_)) {
      output_.refuse_same_file(*status);
    }
    watch_.add(path_);
    state_ = saved_.value_or(os::FollowState{});
    if (!saved_) {
      state_.read = log_.here();
    }
    output_.describe(state_);
    job_.live = true;
    job_.times = times_of({});
    is_told_by_beginning_ = !job_.format && !plan.profile.format && plan.profile.log_format.empty();
    if (is_told_by_beginning_ && !state_.format.empty()) {
      job_.format = anonymize::format_named(state_.format);
    }
    if (saved_ && (saved_->read.offset > 0 || saved_->output_bytes > 0)) {
      trust_format();
    }
  }

  int run() {
    save();
    const auto stop = context_.interrupt().token();
    try {
      while (!stop.stop_requested()) {
        if (rest_.empty()) {
          take(*wait());
        }
        doing(fmt::format("anonymizing {}", printable(path_.native())), [&] { file(); });
      }
    } catch (const os::Interrupted&) {
      save();
      throw;
    }
    save();
    return 0;  // main() dies of the signal
  }

  /// Whole lines of one file.
  std::size_t read(MutBytes into) override {
    if (preamble_.empty() && rest_.empty() && !lines_.ends) {
      const auto next = wait();
      if (!next) {
        return 0;
      }
      take(*next);
      if (next->begins) {
        return 0;  // of another file: for the next job
      }
    }
    std::string_view& from = preamble_.empty() ? rest_ : preamble_;
    const std::size_t count = std::min(into.size(), from.size());
    std::ranges::copy(as_bytes(from.substr(0, count)), into.begin());
    from.remove_prefix(count);
    return count;
  }

  void write(Bytes bytes) override {
    const std::scoped_lock lock{lock_};
    if (again_ > 0) {
      return;  // of the preamble, which has been written when its time was
    }
    try {
      if (!std::exchange(is_writing_, true) && output_.renew()) {
        output_.describe(state_);
        save_locked();
      }
      output_.write(bytes);
    } catch (...) {
      has_failed_ = true;  // who waits for lines would not learn of it
      throw;
    }
  }

  void finish() override {}

 private:
  [[nodiscard]] unsigned mode() const {
    constexpr unsigned unknown = 0600;
    constexpr unsigned all = 0666;
    const auto status = context_.files().status(path_);
    return status ? status->mode & all : unknown;
  }

  [[nodiscard]] std::optional<os::ReadPosition> from() const {
    return saved_ ? std::optional{saved_->read} : std::nullopt;
  }

  os::FollowOptions follow_options() {
    return {.fingerprint = [this](Bytes head) { return fingerprint(head); },
            .lost = [this](const std::string& what) { context_.out().warning(what); },
            .decompressed = decoded};
  }

  [[nodiscard]] std::string fingerprint(Bytes head) const {
    // Without a lasting key nothing is a secret here; the log itself is beside it.
    static const anonymize::Pseudonymizer open{
        as_bytes(std::string_view{"trackier-ctl: the beginning of a log"}), ""};
    std::string text;
    (plan_.random_key || plan_.epochs ? open : plan_.pseudonymizer)
        .append_hex(anonymize::Kind::field, head, 256, text);
    return text;
  }

  /// What has been added, as soon as something has; none when a write has failed.
  std::optional<Lines> wait() {
    for (;;) {
      const auto now = steady_clock::now();
      if (auto lines = log_.next(duration_cast<milliseconds>(now.time_since_epoch()))) {
        if (lines->begins) {
          watch_.add(path_);  // a link may have moved on
        }
        return lines;
      }
      if (has_failed_) {
        return {};
      }
      save_if_due();
      watch_.wait(until_save());
    }
  }

  void take(const Lines& lines) {
    lines_ = lines;
    rest_ = lines.bytes;
    if (!lines.begins) {
      const std::scoped_lock lock{lock_};
      at_ = lines.after;
      reading_ = log_.file();
    }
  }

  /// One file, or the rest of it: until it ends or the run is asked to.
  void file() {
    if (is_changed_) {
      save();  // as long as the file before it is known
    }
    at_ = lines_.after;
    reading_ = log_.file();
    base_ = lines_.after.offset - rest_.size();
    refuse_compressed();
    const std::string before = preamble();
    preamble_ = before;
    again_ = before.size();
    is_writing_ = false;
    is_new_file_ = base_ == 0;
    const std::uint64_t skipped = before.size();
    const anonymize::JobEvents events{
        .format_known = [this](const anonymize::FormatGuess& guess) { set_format(guess); },
        .found = {},
        .progressed = {},
        .settled = [&](std::uint64_t bytes_in) { settle(bytes_in, skipped); }};
    anonymize::run_job(*this, *this, plan_.profile, plan_.pseudonymizer, job_, events,
                       context_.interrupt().token());
    preamble_ = {};
    if (rest_.empty()) {
      lines_.ends = false;
    }
    trust_format();
  }

  /// Once the format has fitted, a line that is not of it is an unparsed record.
  void trust_format() {
    if (job_.format || !is_told_by_beginning_) {
      job_.min_share = 0;
    }
  }

  /// Compressed text would pass for text in which nothing was found.
  void refuse_compressed() const {
    TextSource beginning{rest_};
    codec::Decoder decoder{beginning};
    if (base_ == 0 && decoder.encoding() != codec::Encoding::none) {
      throw Error{Code::data, "it is compressed", "follow the log that is written"};
    }
  }

  std::string preamble() {
    const auto format = job_.format ? job_.format : plan_.profile.format;
    anonymize::Preamble preamble{format.value_or(anonymize::Format::plain)};
    std::string piece;
    for (std::uint64_t at = 0; at < base_ && preamble.wants_more(); at += piece.size()) {
      piece.resize(std::min<std::uint64_t>(preamble_piece, base_ - at));
      piece.resize(log_.read_at(at, std::as_writable_bytes(std::span{piece})));
      if (piece.empty()) {
        break;
      }
      preamble.read(piece);
    }
    return preamble.text();
  }

  void set_format(const anonymize::FormatGuess& guess) {
    if (!is_told_by_beginning_ || job_.format) {
      return;
    }
    if (guess.format == anonymize::Format::plain) {
      throw Error{Code::data,
                  "its first lines do not tell the format, and later ones may have fields",
                  "pass --format, for running text --format plain"};
    }
    context_.out().detail(
        fmt::format("{}: format {}", printable(path_.native()), anonymize::name_of(guess.format)));
    const std::scoped_lock lock{lock_};
    state_.format = anonymize::name_of(guess.format);
    job_.format = guess.format;
  }

  /// Of the job's input `bytes_in` bytes are written, `skipped` of which were the preamble.
  void settle(std::uint64_t bytes_in, std::uint64_t skipped) {
    {
      const std::scoped_lock lock{lock_};
      is_writing_ = false;
      if (bytes_in < skipped) {
        return;
      }
      if (std::exchange(again_, 0) > 0 && bytes_in > skipped) {
        throw Error{Code::bug, "lines came together with the preamble"};
      }
      state_.read = at_;
      state_.read.offset = base_ + (bytes_in - skipped);
      output_.describe(state_);
      is_changed_ = true;
      if (std::exchange(is_new_file_, false)) {
        sync_names();
        saved_at_ = {};  // at once: until then only a file is known that may be gone at a restart
      }
    }
    save_if_due();
    warn_of_destroyed();
  }

  /// Once: a run may go on for months.
  void warn_of_destroyed() {
    if (!plan_.epochs || is_warned_) {
      return;
    }
    for (const auto& [period, key_id] : plan_.epochs->met()) {
      if (!key_id) {
        is_warned_ = true;
        context_.out().warning(
            fmt::format("the key of {} is destroyed; where one is needed values are redacted",
                        to_text(period)));
        return;
      }
    }
  }

  /// Rotation moved them.
  void sync_names() {
    const os::Uninterrupted uninterrupted;
    const Path target = os::link_target(path_);
    for (const Path& path : {path_, target}) {
      context_.files().sync_directory(path.has_parent_path() ? path.parent_path() : Path{"."});
    }
  }

  milliseconds until_save() {
    const std::scoped_lock lock{lock_};
    const auto passed = std::chrono::floor<milliseconds>(steady_clock::now() - saved_at_);
    return is_changed_ && passed < save_interval ? save_interval - passed : save_interval;
  }

  void save_if_due() {
    const std::scoped_lock lock{lock_};
    if (is_changed_ && steady_clock::now() - saved_at_ >= save_interval) {
      save_locked();
    }
  }

  void save() {
    const std::scoped_lock lock{lock_};
    save_locked();
  }

  void save_locked() {
    const os::Uninterrupted uninterrupted;
    if (reading_) {
      reading_->sync_data();  // after a power cut the log must not end before the position
    }
    output_.sync();
    position_.save(state_);
    is_changed_ = false;
    saved_at_ = steady_clock::now();
  }

  Context& context_;
  const AnonymizePlan& plan_;
  Path path_;
  os::PositionFile position_;
  std::optional<os::FollowState> saved_;
  os::FollowedFile log_;
  FollowedOutput output_;
  os::ChangeWatch watch_;
  anonymize::JobOptions job_;
  bool is_told_by_beginning_ = false;
  bool is_warned_ = false;

  Lines lines_;                ///< taken last
  std::string_view rest_;      ///< of them, not yet read
  std::string_view preamble_;  ///< not yet read
  std::uint64_t base_ = 0;     ///< where in the file the job began
  std::atomic<bool> has_failed_ = false;

  std::mutex lock_;                    ///< of output_ and what follows
  os::FollowState state_;              ///< to be saved: what is written of what was read
  os::ReadPosition at_;                ///< the file that is being read
  std::shared_ptr<os::File> reading_;  ///< the same, open
  std::uint64_t again_ = 0;            ///< not 0: what comes was written before
  bool is_writing_ = false;            ///< some of a record has been written
  bool is_new_file_ = false;           ///< nothing of it has been saved
  bool is_changed_ = false;
  steady_clock::time_point saved_at_;
};

}  // namespace

int follow(Context& context, const AnonymizeOptions& options) {
  const AnonymizePlan plan = make_plan(context, options);
  check_follow(options, plan);
  const Path position = *options.position;
  const Task& task = plan.tasks.front();
  confine(context, needs_of_follow(context, task.input, position, task.output));
  return Follow{context, plan, position}.run();
}

}  // namespace trackier::cli
