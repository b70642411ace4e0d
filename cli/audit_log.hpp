#pragma once
/// The audit log of this host as commands use it: where it is, what it is called, whom to believe,
/// and who it is that writes.

#include <filesystem>
#include <string>
#include <string_view>

#include "audit/log.hpp"
#include "audit/note.hpp"
#include "audit/tlog_proof.hpp"
#include "audit/veil.hpp"
#include "context.hpp"
#include "crypto/secret.hpp"

namespace trackier::cli {

/// As the settings say, else in the state directory.
std::filesystem::path audit_directory(Context& context);

/// What the log is called, and its key: as the settings say, else the name of the host.
std::string audit_origin(Context& context);

/// What signs checkpoints of the log and, with cosignatures, those of other hosts: the key that
/// signs manifests too. What is signed begins differently each time, so that none can be taken for
/// another.
crypto::Secret audit_signing_key(Context& context);

/// The public half: of the log, and of this host as a witness.
audit::NoteKey audit_log_key(Context& context);
audit::NoteKey audit_witness_key(Context& context);

/// Whom to believe about the log of this host: its own key, and the witnesses of the settings.
audit::Policy audit_policy(Context& context);

/// What hides values in the log; its key is kept in the state directory, and made when there is
/// none.
audit::Veil audit_veil(Context& context);

/// Who runs this, and in what process, as far as the kernel and sshd(8) tell.
audit::Writer audit_writer(Context& context);

/// Opens the log, and makes its directory where there is none; see audit::Log. context: outlives
/// it.
audit::Log audit_log(Context& context);

/// "SHA256:..." of the key in what sshd(8) writes into the file that SSH_USER_AUTH names, as
/// ssh-keygen -l shows it; empty when there is none, and for a certificate, for what it certifies
/// is no secret of one person. text: lines as "publickey ssh-ed25519 AAAA...".
std::string ssh_fingerprint(std::string_view text);

}  // namespace trackier::cli
