#pragma once
/// Incidents, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [breach].
Breach read_breach(Table& root, Origins& origins);

/// What notices call the customer of a tenant.
void read_customer(Table& table, Tenant& tenant, Origins& origins);

}  // namespace trackier::config
