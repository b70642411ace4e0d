#pragma once
/// An incident in the vocabulary of VERIS, for sharing and comparing: http://veriscommunity.net.

#include <string>

#include "incident/incident.hpp"

namespace trackier::cli {

/// A record of schema 1.3.7. What nobody has told is "Unknown"; the facts veris.actor,
/// veris.action, veris.discovery and veris.disclosure say it in VERIS's own words.
std::string veris_of(const incident::Incident& incident, const std::string& tool);

}  // namespace trackier::cli
