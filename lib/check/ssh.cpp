#include "check/ssh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

#include "core/text.hpp"

namespace trackier::check {
namespace {

using Path = std::filesystem::path;

/// What sshd -T prints, a keyword and its value on each line; some more than once.
using Effective = std::multimap<std::string, std::string>;

std::string value_of(const Effective& effective, const std::string& keyword) {
  const auto found = effective.find(keyword);
  if (found == effective.end()) {
    throw Error{Code::data, fmt::format("sshd -T says nothing of {}", keyword),
                "sshd -T says it with OpenSSH 8 and later"};
  }
  return found->second;
}

Effective ask_sshd(const Host& host, const std::string& account, const std::string& from) {
  constexpr std::size_t most = 256 * 1024;
  const os::Printed printed = host.run(
      {.program = host.places.usr / "sbin/sshd",
       .arguments = {"-T", "-C", fmt::format("user={},addr={},host={}", account, from, from)},
       .environment = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}},
      most);
  if (!printed.ended.well()) {
    throw Error{Code::unavailable,
                fmt::format("sshd -T {}: {}", printed.ended.manner(), printed.ended.last_line()),
                "run it as root: sshd reads its host keys first"};
  }
  Effective effective;
  for (const std::string& line : lines_of(printed.output)) {
    const std::size_t blank = line.find(' ');
    if (blank != std::string::npos) {
      effective.emplace(ascii_lower(line.substr(0, blank)), line.substr(blank + 1));
    }
  }
  return effective;
}

struct Account {
  std::string name;
  std::string user;
  Path home;
};

std::optional<Account> find_account(const Host& host, const std::string& name) {
  constexpr std::size_t fields = 7;
  for (const std::string& line :
       lines_of(read_text(host, host.places.etc / "passwd").value_or(""))) {
    std::vector<std::string> parts{""};
    for (const char each : line) {
      if (each == ':') {
        parts.emplace_back();
      } else {
        parts.back() += each;
      }
    }
    if (parts.size() == fields && parts[0] == name) {
      return Account{.name = name, .user = parts[2], .home = parts[5]};
    }
  }
  return std::nullopt;
}

struct Option {
  std::string name;  ///< in lower case; "from=" of one that has a value
  std::string value;
};

/// The options at the beginning of a line of authorized_keys; none when the line begins with the
/// type of a key.
std::vector<Option> options_of(std::string_view line) {
  constexpr std::array<std::string_view, 4> types{"ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"};
  std::vector<Option> options;
  if (std::ranges::any_of(types, [&](auto type) { return line.starts_with(type); })) {
    return options;
  }
  Option option;
  bool is_quoted = false;
  bool is_value = false;
  const auto finish = [&] {
    option.name = ascii_lower(option.name);
    options.push_back(std::move(option));
    option = {};
    is_value = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char each = line[i];
    if (each == '\\' && i + 1 < line.size() && line[i + 1] == '"') {
      ++i;
      (is_value ? option.value : option.name) += '"';
    } else if (each == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (each == ' ' || each == '\t')) {
      break;
    } else if (!is_quoted && each == ',') {
      finish();
    } else if (!is_quoted && !is_value && each == '=') {
      is_value = true;
      option.name += '=';
    } else {
      (is_value ? option.value : option.name) += each;
    }
  }
  finish();
  return options;
}

/// Whether one of the patterns is nothing but wildcards, or a network of all addresses.
bool is_everywhere(const std::string& from) {
  for (std::size_t at = 0; at <= from.size();) {
    const std::size_t end = std::min(from.find(',', at), from.size());
    const std::string pattern = from.substr(at, end - at);
    if (pattern.find_first_not_of("*?.: ") == std::string::npos || pattern.ends_with("/0")) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

/// What a line lacks of "restrict", "from=" and "command=", or gives back.
std::string lacking(const std::string& line) {
  constexpr std::array<std::string_view, 3> wanted{"restrict", "from=", "command="};
  constexpr std::array<std::string_view, 4> unwanted{"cert-authority", "port-forwarding",
                                                     "agent-forwarding", "x11-forwarding"};
  const auto options = options_of(line);
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  for (const std::string_view each : wanted) {
    const auto found = std::ranges::find(options, each, &Option::name);
    if (found == options.end()) {
      add(fmt::format("no {}", each));
    } else if (each == "from=" && is_everywhere(found->value)) {
      add("from= lets every address in");
    }
  }
  for (const std::string_view each : unwanted) {
    if (std::ranges::find(options, each, &Option::name) != options.end()) {
      add(fmt::format("it has {}", each));
    }
  }
  return text;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

Path key_file(const Account& account, std::string text) {
  text = replaced(std::move(text), "%h", account.home.native());
  text = replaced(std::move(text), "%u", account.name);
  text = replaced(std::move(text), "%U", account.user);
  text = replaced(std::move(text), "%%", "%");
  const Path path = text;
  return path.is_absolute() ? path : account.home / path;
}

bool is_none(const Effective& effective, const std::string& keyword) {
  return value_of(effective, keyword) == "none";
}

Finding look_at_keys(const Host& host, Finding finding, const Account& account,
                     const Effective& effective) {
  for (const char* const keyword : {"authorizedkeyscommand", "trustedusercakeys"}) {
    if (!is_none(effective, keyword)) {
      finding.status = Status::not_checked;
      finding.found = fmt::format("{} {}: which keys that lets in cannot be seen from here",
                                  keyword, printable(value_of(effective, keyword)));
      finding.cure = fmt::format("Match User {} with {} none", printable(account.name), keyword);
      return finding;
    }
  }
  std::size_t keys = 0;
  for (const std::string& each : words_of(value_of(effective, "authorizedkeysfile"))) {
    if (each == "none") {
      continue;
    }
    const Path path = key_file(account, each);
    const auto text = read_text(host, path);
    std::size_t number = 0;
    for (const std::string& raw : lines_of(text.value_or(""))) {
      ++number;
      const std::size_t first = raw.find_first_not_of(" \t\r");
      if (first == std::string::npos || raw[first] == '#') {
        continue;
      }
      ++keys;
      const std::string lacks = lacking(raw.substr(first));
      if (!lacks.empty()) {
        finding.status = Status::fail;
        finding.found = fmt::format("{}:{}: {}", printable(path.native()), number, lacks);
        finding.cure = "begin the line with restrict,from=\"ADDRESS\",command=\"COMMAND\"";
        return finding;
      }
    }
  }
  finding.status = keys == 0 ? Status::not_applicable : Status::pass;
  finding.found = keys == 0 ? "the account has no keys"
                            : fmt::format("{} keys, each with restrict, from= and command=", keys);
  return finding;
}

/// Keywords by which a password gets somebody in.
Finding look_at_password(Finding finding, const std::string& account, const Effective& effective) {
  for (const char* const keyword :
       {"passwordauthentication", "kbdinteractiveauthentication", "permitemptypasswords"}) {
    if (value_of(effective, keyword) != "no") {
      finding.status = Status::fail;
      finding.found = fmt::format("{} {}", keyword, printable(value_of(effective, keyword)));
      finding.cure = fmt::format("{} no in sshd_config, for all or below Match User {}", keyword,
                                 printable(account));
      return finding;
    }
  }
  finding.status = Status::pass;
  finding.found = "neither passwords nor questions let anybody in";
  return finding;
}

Finding look_at_root(Finding finding, const Effective& effective) {
  constexpr std::array<std::string_view, 4> well{"no", "prohibit-password", "without-password",
                                                 "forced-commands-only"};
  const std::string permitted = value_of(effective, "permitrootlogin");
  const bool is_well = std::ranges::find(well, permitted) != well.end();
  finding.status = is_well ? Status::pass : Status::fail;
  finding.found = "permitrootlogin " + printable(permitted);
  finding.cure = is_well ? "" : "PermitRootLogin prohibit-password, or no, in sshd_config";
  return finding;
}

Finding without(Finding finding, Status status, const std::string& why, const std::string& cure) {
  finding.status = status;
  finding.found = why;
  finding.cure = cure;
  return finding;
}

std::string probe(const std::string& account, const std::string& from) {
  return fmt::format("sshd -T -C user={},addr={}", printable(account), printable(from));
}

}  // namespace

Findings check_ssh(const Host& host, const SshSubject& subject) {
  Findings findings;
  const bool is_there = host.files.status(host.places.usr / "sbin/sshd").has_value();
  const std::string gone = "there is no " + printable((host.places.usr / "sbin/sshd").native());
  const auto cannot = [&](const Finding& finding) {
    return subject.accounts.empty()
               ? without(finding, Status::not_applicable, gone, "")
               : without(finding, Status::not_checked, gone,
                         "install openssh-server, or take check.ssh_accounts out of the settings");
  };
  const Finding root{.id = "ssh.root", .probed = probe("root", subject.from)};
  looking(findings, root, [&] {
    return is_there ? look_at_root(root, ask_sshd(host, "root", subject.from)) : cannot(root);
  });
  for (const std::string& name : subject.accounts) {
    const Finding password{
        .id = "ssh.password", .subject = printable(name), .probed = probe(name, subject.from)};
    const Finding keys{.id = "ssh.keys",
                       .subject = printable(name),
                       .probed = probe(name, subject.from) + ", and the files it names"};
    if (!is_there) {
      findings.push_back(cannot(password));
      findings.push_back(cannot(keys));
      continue;
    }
    std::optional<Effective> effective;
    looking(findings, password, [&] {
      effective = ask_sshd(host, name, subject.from);
      return look_at_password(password, name, *effective);
    });
    looking(findings, keys, [&] {
      if (!effective) {
        return without(keys, Status::not_checked, "sshd does not say which files it reads",
                       "run it as root: sshd reads its host keys first");
      }
      const auto account = find_account(host, name);
      if (!account) {
        throw Error{Code::no_input, "there is no such account in /etc/passwd",
                    "correct check.ssh_accounts in the settings"};
      }
      return look_at_keys(host, keys, *account, *effective);
    });
  }
  if (subject.accounts.empty()) {
    for (const char* const id : {"ssh.password", "ssh.keys"}) {
      findings.push_back({.id = id,
                          .status = Status::not_applicable,
                          .probed = "the settings",
                          .found = "check.ssh_accounts names no account"});
    }
  }
  return findings;
}

}  // namespace trackier::check
