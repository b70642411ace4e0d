#include "report/controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::report {
namespace {

/// Pairs as of the mapping that CISO Assistant ships, but for those that are ours: it has no row
/// for A.6.1.3, A.9.2.5 and A.9.2.6, and gives 8.14 for A.13.2.1.
constexpr std::array<Control, 40> all_controls{{
    {"A.6.1.2", "5.3", "no one person can do it all alone"},
    {"A.6.1.3", "5.5", "authorities are known and reached", true},
    {"A.7.1.1", "6.1", "people are screened before they begin"},
    {"A.7.3.1", "6.5", "duties go on after people leave"},
    {"A.8.3.2", "7.10", "media are disposed of safely"},
    {"A.9.1.1", "5.15", "who may reach what is decided"},
    {"A.9.1.2", "5.15", "networks are reached by who may"},
    {"A.9.2.1", "5.16", "accounts are made and removed"},
    {"A.9.2.3", "8.2", "privileged access is limited"},
    {"A.9.2.5", "5.18", "access is reviewed", true},
    {"A.9.2.6", "5.18", "access is taken away", true},
    {"A.9.4.1", "8.3", "information is reached by who may"},
    {"A.9.4.2", "8.5", "people log in safely"},
    {"A.9.4.3", "5.17", "passwords are handled well"},
    {"A.10.1.1", "8.24", "cryptography is used as decided"},
    {"A.10.1.2", "8.24", "keys are kept through their life"},
    {"A.11.1.1", "7.1", "premises have a perimeter"},
    {"A.11.1.2", "7.2", "who enters is controlled"},
    {"A.12.3.1", "8.13", "backups are made and tried"},
    {"A.12.4.1", "8.15", "events are logged"},
    {"A.12.4.2", "8.15", "logs are protected"},
    {"A.12.4.3", "8.15", "what administrators do is logged"},
    {"A.12.4.4", "8.17", "clocks agree"},
    {"A.13.1.1", "8.20", "networks are controlled"},
    {"A.13.1.3", "8.22", "networks are kept apart"},
    {"A.13.2.1", "5.14", "information is protected on its way", true},
    {"A.14.1.2", "8.26", "services on public networks are protected"},
    {"A.14.3.1", "8.33", "data for tests is protected"},
    {"A.15.1.1", "5.19", "what suppliers have to keep is agreed"},
    {"A.16.1.1", "5.24", "who does what in an incident is settled"},
    {"A.16.1.2", "6.8", "events are reported"},
    {"A.16.1.5", "5.26", "incidents are answered as planned"},
    {"A.16.1.7", "5.28", "evidence is kept"},
    {"A.17.1.3", "5.29", "continuity is tried"},
    {"A.17.2.1", "8.14", "there is more than one of what must not stop"},
    {"A.18.1.2", "5.32", "licences are kept"},
    {"A.18.1.3", "5.33", "records are protected"},
    {"A.18.1.4", "5.34", "personal data is protected"},
    {"A.18.1.5", "5.31", "rules on cryptography are kept"},
    {"A.18.2.3", "5.36", "it is checked that all this is kept"},
}};

constexpr std::array<Clause, 8> all_clauses{{
    {"5.3", "roles and who answers for what"},
    {"8.2.7", "used for its purpose alone"},
    {"8.2.8", "no more than is needed"},
    {"8.2.10", "kept no longer than is needed"},
    {"8.2.11", "kept secure"},
    {"9.1", "measured and watched"},
    {"9.2", "audited from within"},
    {"10.1", "what went wrong is corrected"},
}};

constexpr std::array<Measure, 8> all_measures{{
    {"pseudonymization", "Personal data is pseudonymized",
     "Personal data is pseudonymized or anonymized before it is stored: addresses lose their last "
     "octet by default, formats can be chosen, and ids of visitors are kept as one-way hashes "
     "only."},
    {"encryption", "Data is encrypted", "Data is encrypted with AES-256."},
    {"backup", "Databases are backed up", "Databases are backed up every hour."},
    {"access", "Few people reach customer data",
     "Only a few people can reach customer data; exceptions need two officers."},
    {"separation", "Tenants are kept apart", "The data of tenants is kept apart."},
    {"breach", "Customers hear of a breach",
     "Customers hear of a breach within 48 hours of its detection."},
    {"monitoring", "Activity is on record", "Every activity can raise an alert."},
    {"management", "The system is managed",
     "Privacy and security are managed by ISO 27001:2013 and BS 10012:2017."},
}};

constexpr std::array<std::string_view, 5> all_remarks{
    "Certificates for ISO/IEC 27001:2013 lapsed when the transition to the edition of 2022 ended, "
    "on 31 October 2025. The company's page names the edition of 2013; both are printed here.",
    "BS 10012:2017 was superseded by BS 10012:2017+A1:2018. Its clauses are given by number, with "
    "words of our own, and are to be confirmed against a licensed copy.",
    "The edition of 2022 is mapped as published, but for A.6.1.3, A.9.2.5 and A.9.2.6, which the "
    "mapping we know lacks, and A.13.2.1, where it looks wrong; these are marked.",
    "Every object of the period is looked at, no samples. Nothing passes of which there was none; "
    "what expired before the end of the period fails; what a person has to look at is manual, and "
    "is not in the score.",
    "What a line says of a backup or a restore stands in a manifest or proof of that digest, in "
    "the "
    "store of backups; the digest is in the record that the line names. Settings and keys are "
    "those in force when the report was made.",
};

template <typename All, typename Member>
const auto& found(const All& all, std::string_view id, Member member, std::string_view what) {
  const auto at = std::ranges::find(all, id, member);
  if (at == std::ranges::end(all)) {
    throw Error{Code::data, fmt::format("there is no {} {}", what, printable(id))};
  }
  return *at;
}

}  // namespace

std::span<const Control> controls() {
  return all_controls;
}

std::span<const Clause> clauses() {
  return all_clauses;
}

std::span<const Measure> measures() {
  return all_measures;
}

const ItemSpec& spec_of(std::string_view id) {
  return found(item_specs(), id, &ItemSpec::id, "item");
}

const Measure& measure_of(std::string_view id) {
  return found(all_measures, spec_of(id).measure, &Measure::id, "measure");
}

const Control& control_of(std::string_view iso2013) {
  return found(all_controls, iso2013, &Control::iso2013, "control");
}

const Clause& clause_of(std::string_view id) {
  return found(all_clauses, id, &Clause::id, "clause");
}

std::span<const std::string_view> remarks() {
  return all_remarks;
}

std::string about_of(const ItemSpec& spec) {
  constexpr std::string_view group = "check.";
  return spec.kind == Kind::checks
             ? fmt::format("runs of check {} in the period", spec.id.substr(group.size()))
             : std::string{spec.about};
}

}  // namespace trackier::report
