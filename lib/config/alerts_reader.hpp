#pragma once
/// Who is told of what, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [alerts], with [[alerts.channel]]. smtp: for channels of mail.
Alerts read_alerts(Table& root, const Smtp& smtp, Origins& origins);

}  // namespace trackier::config
