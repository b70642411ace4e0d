#pragma once
/// Records and writers of invented machines.

#include <rapidcheck.h>

#include <set>
#include <string>

#include "audit/record.hpp"

namespace trackier::audit {

inline Milliseconds time_at(std::int64_t milliseconds) {
  return Milliseconds{std::chrono::milliseconds{milliseconds}};
}

inline Record example_record() {
  Record record;
  record.seq = 3;
  record.at = time_at(1'795'776'255'123);
  record.boot_us = 123'456'789;
  record.operation = "keys.rotate";
  record.id.fill(std::byte{0x5a});
  record.actor = {.uid = 0, .login = 1000, .ssh_key = "SHA256:abc", .claims = {}};
  record.process = {.boot = "boot-1", .space = 4, .pid = 42, .start = 7};
  record.host = "db1";
  record.args = {{"epoch", std::uint64_t{7}}};
  record.previous.fill(std::byte{0xab});
  return record;
}

inline rc::Gen<std::string> any_text(const std::string& letters, std::size_t least) {
  return rc::gen::suchThat(
      rc::gen::resize(40, rc::gen::container<std::string>(rc::gen::elementOf(letters))),
      [least](const std::string& text) { return text.size() >= least && text.size() <= 60; });
}

inline rc::Gen<std::string> any_name(std::size_t least = 1) {
  return any_text("abcxyz019._-", least);
}

inline rc::Gen<std::string> any_word(std::size_t least = 1) {
  return any_text("abcXYZ019._:%-", least);
}

inline rc::Gen<std::uint64_t> any_number() {
  return rc::gen::map(rc::gen::arbitrary<std::uint64_t>(),
                      [](std::uint64_t number) { return number & most_number; });
}

inline rc::Gen<Values> any_values() {
  return rc::gen::exec([] {
    Values values;
    for (const std::string& name :
         *rc::gen::resize(6, rc::gen::container<std::set<std::string>>(any_name()))) {
      values.emplace_back(name,
                          *rc::gen::arbitrary<bool>() ? Value{*any_number()} : Value{*any_word()});
    }
    return values;
  });
}

inline rc::Gen<Process> any_process() {
  return rc::gen::exec([] {
    return Process{
        .boot = *any_name(0), .space = *any_number(), .pid = *any_number(), .start = *any_number()};
  });
}

inline rc::Gen<Record> any_record() {
  return rc::gen::exec([] {
    Record record;
    record.seq = *any_number();
    record.at = time_at(*rc::gen::inRange<std::int64_t>(0, 253'402'300'800'000));
    record.boot_us = *any_number();
    record.phase = *rc::gen::element(Phase::intent, Phase::outcome, Phase::recover, Phase::anchor);
    record.operation = *any_name();
    record.id.fill(static_cast<std::byte>(*rc::gen::inRange(0, 256)));
    record.actor.uid = *any_number();
    if (*rc::gen::arbitrary<bool>()) {
      record.actor.login = *any_number();
    }
    record.actor.ssh_key = *any_text("SHA256:abc+/", 0);
    record.actor.claims = *any_values();
    record.process = *any_process();
    record.host = *any_word();
    record.tenant = *any_word(0);
    record.args = *any_values();
    if (record.phase == Phase::outcome) {
      record.result = Result{.exit = *any_number(), .code = *any_name()};
    }
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      record.open.push_back({.id = record.id, .operation = *any_name(), .process = *any_process()});
    }
    if (record.seq != 0) {
      record.previous.fill(static_cast<std::byte>(*rc::gen::inRange(0, 256)));
    }
    return record;
  });
}

}  // namespace trackier::audit
