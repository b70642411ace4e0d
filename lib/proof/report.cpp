#include "proof/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/duration.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::proof {
namespace {

constexpr std::size_t most_columns = 100;
constexpr std::size_t most_tables = 40;
constexpr std::size_t most_differences = 20;
constexpr std::size_t most_text = 1000;
constexpr std::size_t id_digits = 8;
constexpr std::size_t digest_digits = 16;
constexpr std::size_t row_columns = 16;  // 2^53 without commas

/// What each level asks for beside those before it.
constexpr std::array<std::string_view, 6> level_meanings{
    "manifests are signed and in order, and all files are there",
    "every pack has its SHA-256, and the map names blobs that exist",
    "pages and chunks can be decrypted, and the root over them is that of the manifest",
    "the backup is restored in a scratch place, opened, and sound to the database's own checks",
    "rows and definitions are those of the digests that were taken with the backup",
    "the operator's own statements give what they have to give",
};

/// For terminals. A backslash is not doubled: texts of a record were made printable before.
std::string shown(std::string_view text) {
  std::string safe = printable(text, most_text);
  std::size_t at = 0;
  while ((at = safe.find("\\\\", at)) != std::string::npos) {
    safe.erase(at++, 1);
  }
  return safe;
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

/// Bytes of the beginning of `text` that fill at most so many columns, whole words if there are
/// any.
std::size_t fitting(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::size_t blank = 0;
  for (; at < text.size(); ++at) {
    if (begins_character(text[at]) && columns-- == 0) {
      return blank > 0 && text[at] != ' ' ? blank : at;
    }
    blank = text[at] == ' ' ? at : blank;
  }
  return at;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, columns_of(text)), ' ');
}

std::string time_text(std::chrono::milliseconds time) {
  constexpr std::chrono::seconds exact{120};
  return time < exact ? fmt::format("{}.{} s", time.count() / 1000, time.count() % 1000 / 100)
                      : duration_text(std::chrono::floor<std::chrono::seconds>(time));
}

std::string_view meaning_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "what the level asks for holds";
    case Verdict::not_evaluated:
      return "what a check needs was not there: nothing is known";
    case Verdict::same_as_source:
      return "damaged, and so was the source when the backup was taken";
    case Verdict::failed:
      return "something that the level asks for does not hold";
  }
  return "";
}

std::string digits(const std::string& digest) {
  const std::string safe = shown(digest);
  return safe.empty() ? "-" : safe.substr(0, fitting(safe, digest_digits));
}

std::string rows(const std::optional<std::uint64_t>& count) {
  const std::string text = count ? grouped(*count) : "-";
  return text.size() <= row_columns ? text : std::to_string(*count);
}

bool was_expected(const TableProof& table) {
  return table.expected_rows || !table.expected.empty();
}

class Report {
 public:
  explicit Report(const SignedProof& made) : signed_(made), proof_(made.proof) {}

  std::string all() {
    head();
    levels();
    checks();
    tables();
    if (!proof_.environment.empty()) {
      title("Different here");
      for (const auto& each : proof_.environment) {
        item(fmt::format("{}: {} where the backup was made, {} here", shown(each.name),
                         shown(each.source), shown(each.here)));
      }
    }
    if (!proof_.unchecked.empty()) {
      title("Not checked");
      for (const auto& each : proof_.unchecked) {
        item(fmt::format("{}: {}", shown(each.name), shown(each.why)));
      }
    }
    signature();
    return std::move(text_);
  }

 private:
  /// `text` behind `first`, and on further lines below its beginning.
  void paragraph(const std::string& first, std::string_view text) {
    const std::size_t indent = columns_of(first);
    std::string begin = first;
    do {
      const std::size_t bytes = fitting(text, most_columns - indent);
      text_ += begin.append(text.substr(0, bytes)).append("\n");
      text = trimmed(text.substr(bytes));
      begin.assign(indent, ' ');
    } while (!text.empty());
  }

  void title(std::string_view text) { text_.append("\n").append(text).append("\n"); }
  void item(const std::string& text) { paragraph("  ", text); }
  void field(std::string_view name, const std::string& text) {
    paragraph(fmt::format("  {:<11} ", name), text);
  }

  void head() {
    paragraph("", fmt::format("Verification of {}, backup {} (number {}): {}", shown(proof_.source),
                              shown(proof_.backup.substr(0, id_digits)), proof_.backup_sequence,
                              words_of(proof_.verdict)));
    text_ += "\n";
    field("verdict", fmt::format("{}: {}", words_of(proof_.verdict), meaning_of(proof_.verdict)));
    field("backup", fmt::format("{} of {}, {}", shown(proof_.backup), shown(proof_.source),
                                shown(proof_.kind)));
    field("content of",
          fmt::format("{}, for the slot {}", to_rfc3339(proof_.taken), to_rfc3339(proof_.slot)));
    field("manifest", shown(proof_.manifest));
    field("store", shown(proof_.store));
    field("drill",
          fmt::format("{} to {}", to_rfc3339(proof_.started), to_rfc3339(proof_.finished)));
    field("by", fmt::format("{} on {}, as they say", shown(proof_.by), shown(proof_.host)));
    field("program",
          fmt::format("{}{}", shown(proof_.tool),
                      proof_.tool_digest.empty() ? "" : ", SHA-256 " + shown(proof_.tool_digest)));
    field("read back", human_bytes(proof_.bytes));
    if (proof_.rpo) {
      field("RPO", time_text(*proof_.rpo) + ": the data was that old when the drill began");
    }
    if (proof_.rto) {
      field("RTO",
            time_text(*proof_.rto) + ": from the beginning of the restore to the first answer");
    }
  }

  void levels() {
    title(fmt::format("Level {}, which asks that", name_of(proof_.level)));
    for (std::size_t i = 0; i <= static_cast<std::size_t>(proof_.level); ++i) {
      field(name_of(static_cast<Level>(i)), std::string{level_meanings.at(i)});
    }
    if (!proof_.packs.empty()) {
      item(fmt::format("A sample: {} packs were read, not all.", grouped(proof_.packs.size())));
    }
  }

  void checks() {
    const auto passed = std::ranges::count(proof_.checks, Verdict::passed, &Check::verdict);
    title(fmt::format("Checks: {} of {} passed", passed, proof_.checks.size()));
    for (const Check& each : proof_.checks) {
      paragraph(fmt::format("  {:<22} ", words_of(each.verdict)),
                fmt::format("{} {}, {}", padded(shown(each.name) + ":", 18),
                            grouped(each.checked) + " " + shown(each.unit), time_text(each.took)));
      if (!each.command.empty()) {
        paragraph("      ran ", shown(each.command));
      }
      if (!each.why.empty()) {
        paragraph("      ", shown(each.why));
      }
      differences(each);
    }
  }

  void differences(const Check& check) {
    const std::size_t count = std::min(check.differences.size(), most_differences);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& each = check.differences[i];
      paragraph("    ! ", fmt::format("{}: expected {}; found {}", shown(each.object),
                                      shown(each.expected), shown(each.found)));
    }
    if (check.difference_count > count) {
      paragraph("      ", fmt::format("and {} more", grouped(check.difference_count - count)));
    }
  }

  void tables() {
    if (proof_.tables.empty()) {
      return;
    }
    const bool has_expected = std::ranges::any_of(proof_.tables, was_expected);
    const auto differs = [has_expected](const TableProof& each) {
      return has_expected && (each.expected_rows != each.found_rows || each.expected != each.found);
    };
    const auto different = std::ranges::count_if(proof_.tables, differs);
    title(!has_expected ? fmt::format("Tables: {}, compared with nothing", proof_.tables.size())
          : different == 0
              ? fmt::format("Tables: {}, all as they were backed up", proof_.tables.size())
              : fmt::format("Tables: {}, of which {} differ", proof_.tables.size(), different));
    const bool lists_all = proof_.tables.size() <= most_tables;
    if (lists_all || different > 0) {
      row("    ", "", {.rows = "backed up: rows", .digest = "digest"},
          {.rows = "came back: rows", .digest = "digest"});
    }
    for (const TableProof& each : proof_.tables) {
      if (lists_all || differs(each)) {
        row(differs(each) ? "  ! " : "    ", shown(each.name),
            {.rows = rows(each.expected_rows), .digest = digits(each.expected)},
            {.rows = rows(each.found_rows), .digest = digits(each.found)});
      }
    }
    if (!lists_all) {
      item(fmt::format("{} not listed",
                       grouped(proof_.tables.size() - static_cast<std::size_t>(different))));
    }
  }

  struct Cells {
    std::string rows;
    std::string digest;
  };
  /// A name that is too long has a line of its own.
  void row(const std::string& mark, const std::string& name, const Cells& expected,
           const Cells& found) {
    constexpr std::size_t name_columns = 28;
    const bool is_short = columns_of(name) <= name_columns;
    if (!is_short) {
      paragraph(mark, name);
    }
    text_ += fmt::format("{}{} {:>16} {:<16} {:>16} {}\n", is_short ? mark : "    ",
                         padded(is_short ? name : "", name_columns), expected.rows, expected.digest,
                         found.rows, found.digest);
  }

  void signature() {
    title(fmt::format("Record {} of the source", proof_.sequence));
    field("file", file_name_of(proof_));
    field("SHA-256", signed_.digest);
    field("follows", proof_.previous.empty() ? "no other" : shown(proof_.previous));
    field("signed by", crypto::base64(signed_.signer));
    item(
        "To check it by hand: `sha256sum` of the file; its signature, and that each record follows "
        "the one before it, as trackier-proof(5) says under SIGNATURES.");
  }

  const SignedProof& signed_;
  const Proof& proof_;
  std::string text_;
};

}  // namespace

std::string report(const SignedProof& proof) {
  return Report{proof}.all();
}

std::string summary_line(const SignedProof& proof) {
  return fmt::format("{} {} of {}: {} at level {} on {}", shown(proof.proof.source),
                     shown(proof.proof.backup.substr(0, id_digits)), to_rfc3339(proof.proof.taken),
                     words_of(proof.proof.verdict), name_of(proof.proof.level),
                     to_rfc3339(proof.proof.finished));
}

}  // namespace trackier::proof
