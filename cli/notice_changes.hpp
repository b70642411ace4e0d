#pragma once
/// What a follow-up says otherwise than the notice before it.

#include "notice/value.hpp"

namespace trackier::cli {

/// before, after: the fields of both. Each change has what, before, after and why.
notice::Value::List notice_changes(const notice::Value& before, const notice::Value& after);

}  // namespace trackier::cli
