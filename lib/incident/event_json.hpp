#pragma once
/// Events as JSON. Of interest inside this area only.

#include <nlohmann/json.hpp>
#include <string_view>

#include "incident/event.hpp"

namespace trackier::incident {

/// Sorted members, no floating point: what RFC 8785 asks for.
using Json = nlohmann::json;

Json body_of(const Event& event);

/// Throws Error{Code::data} for a kind or members that are none.
Event event_in(std::string_view kind, const Json& body);

}  // namespace trackier::incident
