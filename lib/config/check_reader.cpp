#include "config/check_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "config/encrypt_reader.hpp"
#include "config/toml_string.hpp"
#include "core/text.hpp"

namespace trackier::config {
namespace {

constexpr std::int64_t most_days = 36'500;

bool is_host(std::string_view text) {
  constexpr std::string_view others = "-._:";
  return !text.empty() && std::ranges::all_of(text, [&](char each) {
    const char small = static_cast<char>(each | 0x20);
    return (small >= 'a' && small <= 'z') || (each >= '0' && each <= '9') ||
           others.find(each) != std::string_view::npos;
  });
}

/// https://HOST, https://HOST:PORT/PATH, https://[ADDRESS]/PATH.
std::optional<Check::Endpoint> parse_endpoint(const std::string& url) {
  constexpr std::string_view scheme = "https://";
  const bool is_plain_text = std::ranges::all_of(url, [](char each) {
    return each > ' ' && each < 0x7f && each != '@' && each != '#' && each != '\\';
  });
  if (!url.starts_with(scheme) || !is_plain_text) {
    return std::nullopt;
  }
  Check::Endpoint made{.url = url};
  std::string_view rest = std::string_view{url}.substr(scheme.size());
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  made.path = rest.substr(slash);
  if (!made.path.starts_with('/')) {
    made.path.insert(0, "/");
  }
  rest = rest.substr(0, slash);
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    made.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    made.host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (!is_host(made.host)) {
    return std::nullopt;
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), made.port);
    if (error != std::errc{} || end != port.data() + port.size() || made.port == 0) {
      return std::nullopt;
    }
  }
  return made;
}

void read_endpoints(Table& table, Check& made) {
  for (const std::string& url : table.texts("endpoints").value_or(std::vector<std::string>{})) {
    const auto endpoint = parse_endpoint(url);
    if (!endpoint) {
      throw table.error(
          "endpoints",
          fmt::format("{}: {} is no endpoint", table.full_name("endpoints"), printable(url)),
          "write it like \"https://track.example/\", with :PORT if it is not 443");
    }
    if (std::ranges::find(made.endpoints, url, &Check::Endpoint::url) != made.endpoints.end()) {
      throw table.error("endpoints", fmt::format("{}: {} is there twice",
                                                 table.full_name("endpoints"), printable(url)));
    }
    made.endpoints.push_back(*endpoint);
  }
  const std::string plain = table.text("plain_http").value_or("refuse");
  if (plain != "refuse" && plain != "redirect") {
    throw table.error(
        "plain_http",
        fmt::format("{}: there is no {}", table.full_name("plain_http"), printable(plain)),
        "it is \"refuse\", or \"redirect\" where a redirection to https:// is enough");
  }
  made.may_redirect = plain == "redirect";
  made.plain_port =
      static_cast<std::uint16_t>(table.integer("plain_port", 1, 65'535).value_or(made.plain_port));
  if (const auto path = table.path("ca_file")) {
    made.ca_file = *path;
  }
}

/// What goes into -C of sshd as it is: nothing that would mean something else there.
bool is_ssh_word(std::string_view text) {
  return is_host(text) && text.front() != '-' && text.size() <= 64;
}

void read_ssh(Table& table, Check& made) {
  made.ssh_accounts = table.texts("ssh_accounts").value_or(std::vector<std::string>{});
  for (const std::string& each : made.ssh_accounts) {
    if (!is_ssh_word(each) || each.find(':') != std::string::npos) {
      throw table.error("ssh_accounts",
                        fmt::format("{}: {} is no name of an account",
                                    table.full_name("ssh_accounts"), printable(each)));
    }
  }
  made.ssh_from = table.text("ssh_from").value_or(made.ssh_from);
  if (!is_ssh_word(made.ssh_from)) {
    throw table.error(
        "ssh_from",
        fmt::format("{}: {} is no address", table.full_name("ssh_from"), printable(made.ssh_from)),
        "write it like \"203.0.113.1\": one that nobody logs in from");
  }
}

}  // namespace

Check read_check(Table& root, Origins& origins) {
  Check made;
  auto table = root.table("check");
  if (table) {
    read_endpoints(*table, made);
    read_ssh(*table, made);
    const auto days = [](std::optional<std::int64_t> given, std::chrono::days usual) {
      return given ? std::chrono::days{*given} : usual;
    };
    made.certificate_days =
        days(table->integer("certificate_days", 1, most_days), made.certificate_days);
    made.key_days = days(table->integer("key_days", 1, most_days), made.key_days);
    made.drill_days = days(table->integer("drill_days", 1, most_days), made.drill_days);
    table->refuse_others();
  }
  const auto note = [&](std::string_view key, std::string value) {
    if (table) {
      origins.note(*table, key, std::move(value));
    } else {
      origins.note_default("check." + std::string{key}, std::move(value));
    }
  };
  std::vector<std::string> urls;
  for (const Check::Endpoint& each : made.endpoints) {
    urls.push_back(each.url);
  }
  note("endpoints", toml_list(urls));
  note("plain_http", toml_string(made.may_redirect ? "redirect" : "refuse"));
  note("plain_port", fmt::format("{}", made.plain_port));
  note("ca_file", toml_string(made.ca_file));
  note("certificate_days", fmt::format("{}", made.certificate_days.count()));
  note("ssh_accounts", toml_list(made.ssh_accounts));
  note("ssh_from", toml_string(made.ssh_from));
  note("key_days", fmt::format("{}", made.key_days.count()));
  note("drill_days", fmt::format("{}", made.drill_days.count()));
  return made;
}

}  // namespace trackier::config
