#pragma once
/// What is in PostgreSQL databases, in a form that can be compared after a restore. Names are
/// qualified and quoted as SQL has them; no object number is in it, for they change in a dump.
/// trackier-proof(5), DIGESTS.
///
/// Rows are digested by the server. The text of a row, ROW(...)::text of its columns in the order
/// of their names, tells all values apart: NULL from '', -0 from 0, 1.0 from 1.00. Of each text the
/// server takes hashtextextended() twice, with two secret seeds, and adds up: the order of rows
/// means nothing, their number does. The seeds are made of the key, which the server never sees,
/// and what is kept is the HMAC of the two sums, of the name and of the number of rows.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "content/content.hpp"
#include "crypto/mac.hpp"
#include "postgres/connection.hpp"

namespace trackier::postgres {

struct ContentOptions {
  /// What it will be compared with: what comes back is not the same.
  enum class After : std::uint8_t {
    dump,   ///< a database restored from a dump
    files,  ///< a cluster recovered from its files
  };

  std::set<std::string> skip;  ///< "schema.table", quoted or not, whose rows are not read
  After after = After::dump;
  std::string prefix = {};  ///< of all names, "shop: ", where several databases are described
};

/// The database of the connection, in the REPEATABLE READ transaction it is in, which keeps the
/// settings that are made here. Tables that were emptied or rewritten since the transaction began,
/// which it cannot see as they were, are named as unchecked, and so are those that cannot be read
/// for what is defined on them: an index with a function that does not find another one. Throws
/// what Connection throws: also when the role may not read a table.
content::Content content_of(Connection& connection, const crypto::MacKey& key,
                            const ContentOptions& options);

/// The same without rows and large objects: what is defined, and the states of sequences. Takes a
/// moment where content_of takes minutes.
content::Content definitions_of(Connection& connection, const crypto::MacKey& key,
                                const ContentOptions& options);

/// Roles of the cluster, without their passwords, with their memberships and settings; its
/// tablespaces, without their places. In a transaction, as above.
content::Content globals_of(Connection& connection, const crypto::MacKey& key,
                            const ContentOptions& options);

/// No transaction holds definitions and sequences still. before: definitions_of, or globals_of, of
/// the moment a backup began. Moves what is not the same in `after` to what is unchecked, and with
/// it the rows whose text it may have changed. Both sorted, and so they stay.
void leave_out_changed(const content::Content& before, content::Content& after);

/// All databases of a cluster that can be connected to, without template0, and its globals. Each
/// database is read in a read-only transaction of its own. Throws what Connection throws.
content::Content cluster_content(const ConnectionOptions& options, const crypto::MacKey& key,
                                 const ContentOptions& content);

/// A cluster around a physical backup, which no transaction can look at: recovery ends at the end
/// of the backup, wherever transactions are then. So it is read afterwards, as soon as may be, and
/// the server's log says which tables were written to between the end of the backup and that
/// reading. Those, and whatever a transaction had begun to write to, are named as unchecked; all
/// others are described as they are in the backup, exactly.
///
/// Begun before the backup; note() now and then while it is taken; finish() after it has ended.
/// Everything throws what Connection throws. The role needs REPLICATION, as for the backup.
class ClusterContent {
 public:
  /// Looks at the definitions in every database. Holds no transaction open afterwards, but a
  /// connection.
  ClusterContent(const ConnectionOptions& options, const crypto::MacKey& key,
                 const ContentOptions& content);
  ClusterContent(const ClusterContent&) = delete;
  ClusterContent& operator=(const ClusterContent&) = delete;
  ClusterContent(ClusterContent&&) noexcept;
  ClusterContent& operator=(ClusterContent&&) noexcept;
  ~ClusterContent();

  /// Notes where the log is and who is writing, in about a millisecond. What was written before the
  /// last note that was made before the backup's end does not count; without any, all that was
  /// written since construction does.
  void note();

  /// Once. end_lsn: of the backup, "0/2000028"; empty: no note is used.
  content::Content finish(const std::string& end_lsn = {});

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// States of all sequences, by their names with the prefix.
using SequenceStates = std::map<std::string, std::string>;
SequenceStates sequences_of(Connection& connection, const ContentOptions& options);

/// As leave_out_changed, for sequences alone.
void leave_out_moved(const SequenceStates& before, content::Content& content);

}  // namespace trackier::postgres
