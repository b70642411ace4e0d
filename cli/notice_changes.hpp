#pragma once
/// What a follow-up says otherwise than the notice before it.

#include "notice/fields.hpp"
#include "notice/value.hpp"

namespace trackier::cli {

/// before, after: the facts of both; fields: of the notice before. Each change has what, before,
/// after and why. What each notice says of itself, as when it was written, is no change.
notice::Value::List notice_changes(const notice::Value& before, const notice::Value& after,
                                   const notice::FieldRules& fields);

}  // namespace trackier::cli
