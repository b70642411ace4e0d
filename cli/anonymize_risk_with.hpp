#pragma once
/// `anonymize --risk-with FILE`: how much of what was measured is in another log.

#include <string>

#include "anonymize_plan.hpp"
#include "anonymize_risk.hpp"
#include "context.hpp"

namespace trackier::cli {

/// Reads the log as it is. Throws what run_job and LogSurvey throw: it has to have the same fields.
OtherLog measure_other(Context& context, AnonymizePlan& plan, const std::string& file);

}  // namespace trackier::cli
