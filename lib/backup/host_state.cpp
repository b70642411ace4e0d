#include "backup/host_state.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/text.hpp"
#include "crypto/ed25519.hpp"
#include "keys/reference.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned private_directory = 0700;
constexpr std::size_t most_mark_bytes = 65536;
constexpr std::size_t most_attempt_bytes = std::size_t{64} << 20U;
constexpr std::chrono::days attempts_kept{40};
constexpr int most_lock_tries = 500;
constexpr std::chrono::milliseconds between_lock_tries{2};
constexpr std::size_t longest_message = 500;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string_view name_of(Attempt::Outcome outcome) {
  switch (outcome) {
    case Attempt::Outcome::done:
      return "done";
    case Attempt::Outcome::failed:
      return "failed";
    case Attempt::Outcome::busy:
      return "busy";
    case Attempt::Outcome::unfinished:
      return "unfinished";
  }
  return "";
}

std::optional<Attempt> attempt_in(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  const auto started = parse_rfc3339(text("started"));
  if (!started) {
    return std::nullopt;
  }
  Attempt attempt{.started = *started,
                  .ended = parse_rfc3339(text("ended")),
                  .message = printable(text("message"), longest_message)};
  for (const auto outcome :
       {Attempt::Outcome::done, Attempt::Outcome::failed, Attempt::Outcome::busy}) {
    if (text("outcome") == name_of(outcome)) {
      attempt.outcome = outcome;
    }
  }
  return attempt;
}

Json json_of(const Attempt& attempt) {
  Json json{{"started", to_rfc3339(attempt.started)}, {"outcome", name_of(attempt.outcome)}};
  if (attempt.ended) {
    json["ended"] = to_rfc3339(*attempt.ended);
    json["message"] = attempt.message;
  }
  return json;
}

}  // namespace

HostState::HostState(os::FileSystem& files, std::filesystem::path directory)
    : files_(files), directory_(std::move(directory)) {}

void HostState::create() const {
  files_.create_directories(directory_, private_directory);
}

std::optional<Mark> HostState::mark() const {
  const auto path = directory_ / "mark.json";
  if (!files_.status(path)) {
    return std::nullopt;
  }
  const Json json = Json::parse(os::read_whole(files_, path, most_mark_bytes), nullptr, false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  const auto scanned = parse_rfc3339(text("scanned"));
  return scanned ? std::optional{Mark{
                       .manifest = text("manifest"), .text = text("mark"), .scanned = *scanned}}
                 : std::nullopt;
}

void HostState::set_mark(const Mark& mark) const {
  os::ReplaceFile file{files_, directory_ / "mark.json", {.replace = true, .sync = false}};
  file.write(as_bytes(line_of(
      {{"manifest", mark.manifest}, {"mark", mark.text}, {"scanned", to_rfc3339(mark.scanned)}})));
  file.finish();
}

void HostState::begin_attempt(Time started) const {
  append(line_of(json_of(Attempt{.started = started})));
}

void HostState::end_attempt(Time started, Time ended, Attempt::Outcome outcome,
                            const std::string& message) const {
  append(line_of(json_of(
      Attempt{.started = started, .ended = ended, .outcome = outcome, .message = message})));
}

void HostState::append(const std::string& line) const {
  const auto path = directory_ / "attempts";
  auto file = files_.create_exclusive(path, 0600);
  if (!file) {
    file = files_.open_for_update(path);
  }
  for (int tries = 0; !file->try_lock(0, 1); ++tries) {
    if (tries == most_lock_tries) {
      return;  // somebody holds it who should not; a line more or less is not worth a backup
    }
    std::this_thread::sleep_for(between_lock_tries);
  }
  file->write_at(file->status().size, as_bytes(line));
}

std::vector<Attempt> HostState::attempts() const {
  const auto path = directory_ / "attempts";
  std::map<Time, Attempt> by_start;
  if (files_.status(path)) {
    const std::string text = os::read_whole(files_, path, most_attempt_bytes);
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      if (auto attempt = attempt_in(rest.substr(0, end))) {
        Attempt& known = by_start[attempt->started];
        if (known.outcome == Attempt::Outcome::unfinished) {
          known = std::move(*attempt);
        }
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::vector<Attempt> attempts;
  attempts.reserve(by_start.size());
  for (auto& [started, attempt] : by_start) {
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

void HostState::trim_attempts(Time now) const {
  const auto all = attempts();
  const bool is_old = !all.empty() && all.front().started < now - 2 * attempts_kept;
  if (!is_old) {
    return;
  }
  std::string text;
  for (const Attempt& attempt : all) {
    if (attempt.started >= now - attempts_kept) {
      text += line_of(json_of(attempt));
    }
  }
  os::ReplaceFile file{files_, directory_ / "attempts", {.replace = true, .sync = false}};
  file.write(as_bytes(text));
  file.finish();
}

void HostState::sweep() const {
  sweep_temporaries(files_, directory_);
  sweep_temporaries(files_, directory_ / "state");
}

void sweep_temporaries(os::FileSystem& files, const std::filesystem::path& directory) {
  if (!files.status(directory)) {
    return;
  }
  for (const auto& name : files.list(directory)) {
    if (name.native().ends_with(".tmp")) {
      files.remove(directory / name);
    }
  }
}

crypto::Secret signing_key(os::FileSystem& files, const std::filesystem::path& path) {
  return keys::kept_key(files, path);
}

}  // namespace trackier::backup
