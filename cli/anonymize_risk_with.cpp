#include "anonymize_risk_with.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "os/file_stream.hpp"
#include "os/signals.hpp"

namespace trackier::cli {
OtherLog measure_other(Context& context, AnonymizePlan& plan, const std::string& file) {
  const auto input = context.files().open(file);
  os::FileSource source{*input};
  NoSink nowhere;
  anonymize::JobOptions options = plan.job;
  options.epochs = nullptr;
  options.observer = [&plan](anonymize::Format format, const anonymize::Columns& columns) {
    return plan.other->observer(format, columns);
  };
  const auto no_key = anonymize::Pseudonymizer::with_random_key();
  return doing(fmt::format("measuring {}", printable(file)), [&] {
    anonymize::run_job(source, nowhere, plan.reading, no_key, options, {},
                       context.interrupt().token());
    os::throw_if_interrupted();
    plan.other->keep();
    const risk::Survey& other = plan.other->result();
    return OtherLog{.name = file,
                    .records = other.records(),
                    .shared = risk::shared_by(plan.survey->result(), other)};
  });
}

}  // namespace trackier::cli
