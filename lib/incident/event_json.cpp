#include "incident/event_json.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::incident {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Event>> kinds{
    "opened",  "noted",   "anchor",   "state", "fact",      "scope",  "severity",
    "decided", "drafted", "approved", "sent",  "corrected", "handed", "handed_back"};

/// Goes over the members of an event: writes them, or reads them.
class Writer {
 public:
  void operator()(const char* name, const std::string& value) { json_[name] = value; }
  void operator()(const char* name, bool value) { json_[name] = value; }
  void operator()(const char* name, int value) { json_[name] = value; }
  void operator()(const char* name, std::uint32_t value) { json_[name] = value; }
  void operator()(const char* name, std::uint64_t value) { json_[name] = value; }
  void operator()(const char* name, Time value) { json_[name] = to_rfc3339(value); }
  void operator()(const char* name, Known value) { json_[name] = to_text(value); }
  /// Left out when it is empty, as in entries of programs that did not know it.
  void if_any(const char* name, const std::string& value) {
    if (!value.empty()) {
      json_[name] = value;
    }
  }
  void operator()(const char* name, const std::vector<std::string>& values) {
    json_[name] = values;
  }
  void operator()(const char* name, const std::vector<int>& values) { json_[name] = values; }
  template <typename Each>
  void operator()(const char* name, const std::vector<Each>& values);
  template <typename Each>
  void if_any(const char* name, const std::vector<Each>& values) {
    if (!values.empty()) {
      (*this)(name, values);
    }
  }

  [[nodiscard]] Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  void operator()(const char* name, std::string& value) { read(name, value); }
  void operator()(const char* name, bool& value) { read(name, value); }
  void operator()(const char* name, int& value) { read(name, value); }
  void operator()(const char* name, std::uint32_t& value) { read(name, value); }
  void operator()(const char* name, std::uint64_t& value) { read(name, value); }
  void operator()(const char* name, std::vector<std::string>& values) { read(name, values); }
  void operator()(const char* name, std::vector<int>& values) { read(name, values); }
  void operator()(const char* name, Time& value) {
    std::string text;
    read(name, text);
    const auto time = parse_rfc3339(text);
    if (!time) {
      throw Error{Code::data, fmt::format("{} is no time", name)};
    }
    value = *time;
  }
  void operator()(const char* name, Known& value) {
    std::string text;
    read(name, text);
    for (const Known each : {Known::known, Known::estimate, Known::unknown}) {
      if (to_text(each) == text) {
        value = each;
        return;
      }
    }
    throw Error{Code::data, fmt::format("{} is {}", name, printable(text))};
  }
  void if_any(const char* name, std::string& value) {
    if (json_.contains(name)) {
      read(name, value);
    }
  }
  template <typename Each>
  void operator()(const char* name, std::vector<Each>& values);
  template <typename Each>
  void if_any(const char* name, std::vector<Each>& values) {
    if (json_.contains(name)) {
      (*this)(name, values);
    }
  }

 private:
  template <typename Value>
  void read(const char* name, Value& value) {
    try {
      json_.at(name).get_to(value);
    } catch (const Json::exception&) {
      throw Error{Code::data, fmt::format("{} is missing, or of another kind", name)};
    }
  }

  const Json& json_;
};

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Opened> {
  each("title", event.title);
  each("drill", event.is_drill);
  each("roles", event.roles);
  each.if_any("establishment", event.establishment);
  each("law", event.law);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Attachment> {
  each("name", event.name);
  each("bytes", event.bytes);
  each("sha256", event.sha256);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Noted> {
  each("text", event.text);
  each.if_any("attachments", event.attachments);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, AnchorSet> {
  each("name", event.name);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, StateSet> {
  each("state", event.state);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, FactSet> {
  each("key", event.key);
  each("known", event.known);
  each("value", event.value);
  each("basis", event.basis);
  each("reason", event.reason);
  each("expected_by", event.expected_by);
  each("tenant", event.about.tenant);
  each.if_any("country", event.about.country);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Counted> {
  each("tenant", event.tenant);
  each("country", event.country);
  each("exposures", event.exposures);
  each("records", event.records);
  each("people_lower", event.people_lower);
  each("people_upper", event.people_upper);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, ScopeInput> {
  each("name", event.name);
  each("bytes", event.bytes);
  each("lines", event.lines);
  each("sha256", event.sha256);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, ScopeCounted> {
  each("run", event.run);
  each("from", event.from);
  each("to", event.to);
  each("exposed", event.exposed);
  each("person_fields", event.person_fields);
  each("tenant_field", event.tenant_field);
  each("country_field", event.country_field);
  each("time_field", event.time_field);
  each("inputs", event.inputs);
  each("lines", event.lines);
  each("unparsed", event.unparsed);
  each("untimed", event.untimed);
  each("untimed_exposed", event.untimed_exposed);
  each("outside_window", event.outside_window);
  each("matched", event.matched);
  each("without_tenant", event.without_tenant);
  each("without_person", event.without_person);
  each("counts", event.counts);
  each("sha256", event.sha256);
  each("replay", event.is_replay);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, SeverityScored> {
  each("tenant", event.tenant);
  each("contexts", event.contexts);
  each("identifications", event.identifications);
  each("circumstances", event.circumstances);
  each("context", event.context);
  each("identification_quarters", event.identification_quarters);
  each("circumstance_quarters", event.circumstance_quarters);
  each("unintelligible", event.is_unintelligible);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Decided> {
  each("duty", event.duty);
  each("notify", event.notify);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Drafted> {
  each("draft", event.draft);
  each("version", event.version);
  each("duty", event.duty);
  each("tenant", event.to.tenant);
  each.if_any("country", event.to.country);
  each("text", event.text);
  each("subject", event.subject);
  each("markdown", event.markdown);
  each("html", event.html);
  each("plain", event.plain);
  each("context", event.context);
  each("how", event.how);
  each("promises_update", event.promises_update);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Approved> {
  each("draft", event.draft);
  each("version", event.version);
  each("sha256", event.sha256);
  each("single_handed", event.is_single_handed);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Sent> {
  each("draft", event.draft);
  each("version", event.version);
  each("duty", event.duty);
  each("tenant", event.to.tenant);
  each.if_any("country", event.to.country);
  each("channel", event.channel);
  each("reference", event.reference);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Corrected> {
  each("seq", event.seq);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event, Members&& each) requires std::is_same_v<std::remove_const_t<Of>, Handed> {
  each("draft", event.draft);
  each("version", event.version);
  each("channel", event.channel);
  each("because", event.because);
}

template <typename Of, typename Members>
void members(Of& event,
             Members&& each) requires std::is_same_v<std::remove_const_t<Of>, HandedBack> {
  each("draft", event.draft);
  each("version", event.version);
  each("because", event.because);
}

template <typename Each>
void Writer::operator()(const char* name, const std::vector<Each>& values) {
  Json list = Json::array();
  for (const Each& value : values) {
    Writer writer;
    members(value, writer);
    list.push_back(writer.take());
  }
  json_[name] = std::move(list);
}

template <typename Each>
void Reader::operator()(const char* name, std::vector<Each>& values) {
  Json list;
  read(name, list);
  if (!list.is_array()) {
    throw Error{Code::data, fmt::format("{} is no list", name)};
  }
  for (const Json& value : list) {
    members(values.emplace_back(), Reader{value});
  }
}

template <std::size_t Index = 0>
Event read_kind(std::string_view kind, const Json& body) {
  if constexpr (Index < std::variant_size_v<Event>) {
    if (kinds.at(Index) != kind) {
      return read_kind<Index + 1>(kind, body);
    }
    std::variant_alternative_t<Index, Event> made;
    members(made, Reader{body});
    return made;
  } else {
    throw Error{Code::data, fmt::format("there is no kind of entry {}", printable(kind))};
  }
}

}  // namespace

std::string_view to_text(Known known) {
  switch (known) {
    case Known::known:
      return "known";
    case Known::estimate:
      return "estimate";
    case Known::unknown:
      return "unknown";
  }
  return {};
}

std::string_view kind_of(const Event& event) {
  return kinds.at(event.index());
}

Json body_of(const Event& event) {
  return std::visit(
      [](const auto& each) {
        Writer writer;
        members(each, writer);
        return writer.take();
      },
      event);
}

Event event_in(std::string_view kind, const Json& body) {
  return read_kind(kind, body);
}

}  // namespace trackier::incident
