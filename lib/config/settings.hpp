#pragma once
/// The settings file as plain structs. trackier-ctl.toml(5) is its reference.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alert/event.hpp"
#include "anonymize/profile.hpp"
#include "audit/note.hpp"
#include "backup/retention.hpp"
#include "os/file.hpp"

namespace trackier::config {

struct Tenant {
  std::string profile;                  ///< empty: as without a tenant
  std::string key;                      ///< name in Settings::keys; empty: that of the profile
  std::vector<std::string> recipients;  ///< as in Encrypt
  std::string recipients_file;          ///< with a recipient on each line; empty: none
  std::string customer;                 ///< what it is called in notices; empty: not known
  std::string contact_name;             ///< whom notices are written to
  std::string contact_email;
  std::vector<std::string> domains;  ///< that are the customer's
};

struct Anonymize {
  std::string profile;      ///< empty: the built-in rules
  double min_parsed = 0.9;  ///< share of the first records that must be of the format, 0 to 1
  unsigned threads = 0;     ///< 0: one for each processor
};

/// A recipient is a line as of keyring/recipient_line.hpp, or the base64 of an X25519 public key;
/// an officer may be a line as of access/officer.hpp, too. All are checked.
struct Encrypt {
  std::vector<std::string> recipients;  ///< when the command line names none
  std::vector<std::string> escrow;      ///< always recipients as well
  std::vector<std::string> officers;    ///< together with the next: always
  unsigned officers_threshold = 0;      ///< how many of them open an envelope together
  std::string signer;  ///< base64 of the Ed25519 key that has to have signed lines; empty: any
};

struct Keyring {
  std::string path;                 ///< empty: in the state directory
  std::vector<std::string> unlock;  ///< references, or "passphrase"
  std::vector<std::string> roots;   ///< where envelopes are, for rewrap, census and destroy
  std::optional<std::uint32_t> quarantine_days;  ///< none: what the keyring says
};

/// What the operator knows of a database: a statement, and what it gives in a backup that is whole.
struct Expectation {
  std::string name;
  std::string sql;       ///< $1 is the slot of the backup, $2 when it was taken, as RFC 3339
  std::string result;    ///< the first column of its one row, as text
  std::string database;  ///< of a cluster; empty: postgres
};

/// A database that is backed up.
struct Source {
  enum class Kind : std::uint8_t { sqlite, postgres };
  enum class Mode : std::uint8_t { physical, logical };
  enum class Method : std::uint8_t { direct, copy };
  enum class Check : std::uint8_t { daily, always, never };  ///< how often; of digests as well
  enum class Checkpoint : std::uint8_t { spread, fast };

  std::string name;
  Kind kind = Kind::sqlite;
  std::string path;      ///< of a SQLite database
  std::string conninfo;  ///< of PostgreSQL, without password
  std::string passfile;  ///< as of libpq; empty: its usual places
  std::string tools;     ///< directory with pg_dump; empty: looked for
  Mode mode = Mode::physical;
  Checkpoint checkpoint = Checkpoint::spread;  ///< that a physical backup begins with
  Method method = Method::direct;
  Check check = Check::daily;
  Check digest = Check::daily;           ///< of a logical backup: unless never, always
  std::vector<std::string> digest_skip;  ///< tables whose rows are not digested
  std::vector<Expectation> expectations;
  std::chrono::seconds lock_wait{30};
  std::chrono::minutes every{60};
  std::chrono::days chain_days{7};
  std::string tenant;                   ///< empty: none
  std::vector<std::string> recipients;  ///< empty: the tenant's, or as in Encrypt
  backup::Retention retention;
};

struct Backup {
  std::string store;                 ///< directory; empty: none
  std::string state_key;             ///< a reference; empty: the chain's key is kept as it is
  std::vector<std::string> signers;  ///< base64 of Ed25519 keys; empty: anybody may have signed
  unsigned threads = 0;              ///< 0: one for each processor, at most 4
  bool prune = true;                 ///< after each backup
};

struct Verify {
  std::string scratch;            ///< directory; empty: in the state directory
  std::string user = "postgres";  ///< whom root has PostgreSQL run as
};

/// Incidents: where they are kept, and what holds in all of them.
struct Breach {
  std::string directory;      ///< empty: in the state directory
  std::string zone = "UTC";   ///< shown beside UTC
  std::string establishment;  ///< country of the main establishment: "DE"; empty: not said
  std::vector<std::string> roles{"processor", "controller"};  ///< that the company has
  std::string regimes;               ///< file in place of the law that the program carries
  std::string holidays;              ///< the same of holidays
  std::string texts;                 ///< directory with model texts of one's own
  std::vector<std::string> signers;  ///< base64 of Ed25519 keys; empty: anybody may have signed
  std::map<std::string, std::string> facts;  ///< fields of notices: "org.name", "contact.email"
};

/// The mail server that notices go through.
struct Smtp {
  enum class Security : std::uint8_t { starttls, tls };

  std::string server;  ///< empty: none
  std::uint16_t port = 587;
  Security security = Security::starttls;
  std::string user;      ///< empty: no login
  std::string password;  ///< a reference
  std::string ca_file;   ///< empty: the authorities of the system
  std::chrono::seconds timeout{60};
};

/// Who is told of what the audit log says.
struct Alerts {
  struct Channel {
    enum class Kind : std::uint8_t { smtp, webhook, command };

    std::string name;
    Kind kind = Kind::smtp;
    std::vector<std::string> to;  ///< addresses; through [smtp]
    std::string from;
    std::string webhook;  ///< https://..., or a reference to it
    std::string key;      ///< a reference; empty: what is sent to the webhook is not signed
    std::string ca_file;  ///< empty: the authorities of the system
    std::vector<std::string> command;
    bool takes_json = false;  ///< of a command: what it reads is JSON, and no text for people
    std::chrono::seconds timeout{30};
    std::set<alert::Event> at_once;
    bool digest = true;
  };

  bool after_runs = true;  ///< a run that brings an event about tells of it before it ends
  std::vector<Channel> channels;
};

struct Audit {
  struct Witness {
    audit::NoteKey key;                ///< of a witness
    std::vector<std::string> command;  ///< that reaches it; empty: somebody else asks it
  };
  struct Host {
    audit::NoteKey key;  ///< of a log that this host is a witness of
  };

  bool is_on = true;      ///< whether commands are recorded
  std::string directory;  ///< empty: in the state directory
  std::string origin;     ///< the name of the log; empty: that of the host
  std::vector<Witness> witnesses;
  std::size_t quorum = 1;  ///< witnesses that have to agree
  std::vector<Host> hosts;
};

/// What the host is checked for.
struct Check {
  struct Endpoint {
    std::string url;  ///< as it is written
    std::string host;
    std::uint16_t port = 443;
    std::string path = "/";  ///< with what follows it
  };

  std::vector<Endpoint> endpoints;
  bool may_redirect = false;  ///< from plain HTTP
  std::uint16_t plain_port = 80;
  std::string ca_file;                     ///< empty: the authorities of the system
  std::chrono::days certificate_days{21};  ///< that are left at least
  std::vector<std::string> ssh_accounts;   ///< that others log in to
  std::string ssh_from = "203.0.113.1";    ///< where nobody logs in from
  std::chrono::days key_days{365};         ///< how old a key may be
  std::chrono::days drill_days{31};        ///< and the last drill that passed
};

/// Where the value of a setting comes from, for `config show`.
struct Origin {
  std::string key;    ///< full name with dots
  std::string value;  ///< as TOML would have it
  std::string from;   ///< "default" or "FILE:LINE:COLUMN"
};

struct Settings {
  std::string file;                         ///< empty: none was found
  std::map<std::string, std::string> keys;  ///< references, never secrets
  Anonymize anonymize;
  Encrypt encrypt;
  Keyring keyring;
  Backup backup;
  Verify verify;
  Breach breach;
  Smtp smtp;
  Audit audit;
  Alerts alerts;
  Check check;
  std::vector<Source> sources;
  std::map<std::string, anonymize::Profile> profiles;
  std::map<std::string, Tenant> tenants;
  std::vector<Origin> origins;  ///< every setting in force
};

/// Checks the whole text. Throws Error{Code::config} with file, line and column.
Settings parse_settings(std::string_view text, const std::string& file);

/// Where settings may be: what the environment says, as `cli` has read it.
struct SettingsPlaces {
  std::optional<std::filesystem::path> named;  ///< by --config or TRACKIER_CONFIG: must be there
  std::vector<std::filesystem::path> usual;    ///< the first that is there
};

/// Reads and checks the settings; the defaults when there is no file. Throws Error{Code::no_input}
/// for a named file that is not there.
Settings load_settings(os::FileSystem& files, const SettingsPlaces& places);

}  // namespace trackier::config
