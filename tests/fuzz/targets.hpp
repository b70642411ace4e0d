#pragma once
/// What is fuzzed: one function a parser, each of which takes any bytes and aborts when a promise
/// is broken. Under clang each becomes a libFuzzer program (libfuzzer.cpp); with every compiler the
/// corpus is replayed through them (replay.cpp).

#include <array>
#include <cstdint>
#include <string_view>

namespace trackier::fuzz {

void access_log(std::string_view input);
void balancer(std::string_view input);
void column_log(std::string_view input);
void delimited(std::string_view input);
void json_documents(std::string_view input);
void log_format(std::string_view input);
void json_lines(std::string_view input);
void logfmt(std::string_view input);
void syslog(std::string_view input);
void plain(std::string_view input);          // the detector
void candidates(std::string_view input);     // the vector scan
void detect_format(std::string_view input);  // and the chunker behind it
void person_names(std::string_view input);
void coarser(std::string_view input);  // what values of a log can be cut to
void tokens(std::string_view input);
void nested(std::string_view input);  // in JSON in JSON, and in base64
void decoder(std::string_view input);
void encoded(std::string_view input);
void patterns(std::string_view input);
void generalize(std::string_view input);
void settings(std::string_view input);
void epoch_key(std::string_view input);
void key_reference(std::string_view input);
void record_time(std::string_view input);
void comparison(std::string_view input);
void job(std::string_view input);
void envelope_head(std::string_view input);
void envelope_edits(std::string_view input);  // of a whole one
void envelope_metadata(std::string_view input);
void keyring_document(std::string_view input);
void recipient_line(std::string_view input);  // and an officer's
void key_share(std::string_view input);
void access_request(std::string_view input);
void access_approval(std::string_view input);
void store_manifest(std::string_view input);
void proof_record(std::string_view input);
void content_digests(std::string_view input);  // what a backup says of its source
void page_map(std::string_view input);
void page_group(std::string_view input);  // and page lists, and the state of a stripe
void chunk_blob(std::string_view input);
void write_ahead_log(std::string_view input);  // of SQLite, and of PostgreSQL
void base_tar(std::string_view input);         // as PostgreSQL sends it
void scope_log(std::string_view input);        // and the expression in front of it
void notice_facts(std::string_view input);
void notice_text(std::string_view input);  // and a mail of it
void audit_record(std::string_view input);
void signed_note(std::string_view input);  // and the checkpoint that it may be
void tlog_proof(std::string_view input);   // and the key in front of it
void witness_request(std::string_view input);
void sealed_report(std::string_view input);
void live_log(std::string_view input);  // and reading on at each place in it
void position(std::string_view input);

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

inline constexpr std::array<Target, 52> targets{{{"access_log", access_log},
                                                 {"balancer", balancer},
                                                 {"column_log", column_log},
                                                 {"json_documents", json_documents},
                                                 {"log_format", log_format},
                                                 {"delimited", delimited},
                                                 {"json_lines", json_lines},
                                                 {"logfmt", logfmt},
                                                 {"syslog", syslog},
                                                 {"plain", plain},
                                                 {"candidates", candidates},
                                                 {"detect_format", detect_format},
                                                 {"person_names", person_names},
                                                 {"coarser", coarser},
                                                 {"tokens", tokens},
                                                 {"nested", nested},
                                                 {"decoder", decoder},
                                                 {"encoded", encoded},
                                                 {"patterns", patterns},
                                                 {"generalize", generalize},
                                                 {"settings", settings},
                                                 {"epoch_key", epoch_key},
                                                 {"key_reference", key_reference},
                                                 {"record_time", record_time},
                                                 {"comparison", comparison},
                                                 {"job", job},
                                                 {"envelope_head", envelope_head},
                                                 {"envelope_edits", envelope_edits},
                                                 {"envelope_metadata", envelope_metadata},
                                                 {"keyring_document", keyring_document},
                                                 {"recipient_line", recipient_line},
                                                 {"key_share", key_share},
                                                 {"access_request", access_request},
                                                 {"access_approval", access_approval},
                                                 {"store_manifest", store_manifest},
                                                 {"proof_record", proof_record},
                                                 {"content_digests", content_digests},
                                                 {"page_map", page_map},
                                                 {"page_group", page_group},
                                                 {"chunk_blob", chunk_blob},
                                                 {"write_ahead_log", write_ahead_log},
                                                 {"base_tar", base_tar},
                                                 {"scope_log", scope_log},
                                                 {"notice_facts", notice_facts},
                                                 {"notice_text", notice_text},
                                                 {"audit_record", audit_record},
                                                 {"signed_note", signed_note},
                                                 {"tlog_proof", tlog_proof},
                                                 {"witness_request", witness_request},
                                                 {"sealed_report", sealed_report},
                                                 {"live_log", live_log},
                                                 {"position", position}}};

/// Whether a result must be left alone by a second run, and by --check. Of a log it must; of noise
/// it cannot be asked: in "+4520123+4520124" the second number is part of a word until the first is
/// gone. The corpus is replayed strictly; fuzzers are strict where TRACKIER_FUZZ_STRICT is set.
inline bool strict = true;

/// Prints what is wrong and aborts, with whatever build type.
void require(bool holds, std::string_view promise);

/// The same, showing both texts.
void require_equal(std::string_view left, std::string_view right, std::string_view promise);

/// A number that depends on the input alone: which of several ways to take. Inputs are thereby
/// readable files, and a find is found again.
std::uint64_t dice(std::string_view input);

}  // namespace trackier::fuzz
