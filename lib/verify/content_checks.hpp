#pragma once
/// What came back, held against what the backup's own snapshot said. The level `content`. Of
/// interest inside this area only.

#include <functional>
#include <string>

#include "content/content.hpp"
#include "verify/recorder.hpp"

namespace trackier::verify {

/// find: describes what came back. Tables go into the proof with their rows and digests, and so
/// does what could not be compared.
void check_content(Recorder& recorder, const content::Content& expected,
                   const std::function<content::Content()>& find);

/// Without digests to compare with: what there is goes into the proof. is_identical: every byte is
/// known to be as it was, which is as good. is_recovered: from files that are known to be those of
/// the source, so that what cannot be read of them could not be read there.
void note_content(Recorder& recorder, bool is_identical, bool is_recovered,
                  const std::function<content::Content()>& find);

/// Against the database as it is now; that it has changed says nothing against the backup.
void check_live(Recorder& recorder, const content::Content& expected,
                const std::function<content::Content()>& find);

/// `found` without what `expected` says is not compared. is_recovered: from files, by a server:
/// then a sequence that is ahead by no more than what the server had reserved counts as equal.
content::Content comparable(content::Content found, const content::Content& expected,
                            bool is_recovered);

}  // namespace trackier::verify
