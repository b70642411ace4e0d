"""A mail server on the loopback interface that behaves well or badly, and certificates for it."""
import base64
import contextlib
import socket
import ssl
import subprocess
import threading
import time


def make_certificates(directory):
    """An authority, certificates of it for localhost and for another host, and one that nobody has signed."""
    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], cwd=directory, check=True, capture_output=True)

    def request(name, *more):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj", f"/CN={name}", *more)

    request("authority", "-x509", "-days", "2", "-out", "authority.pem")
    request("stranger", "-x509", "-days", "2", "-out", "stranger.pem", "-addext", "subjectAltName=DNS:localhost")
    for name, host in (("good", "localhost"), ("other", "mail.example.org")):
        (directory / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\n")
        request(name, "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
                "-set_serial", "7", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


class Session:
    """What one client has said."""

    def __init__(self):
        self.plain, self.inside = b"", b""  # before and within TLS
        self.login, self.sender, self.recipients, self.message = None, None, [], None


class Server:
    """security: "starttls", "tls", or "none", which does not offer it. replies: instead of the usual, by command,
    and by "." for the message. at_dot: called when the message is there and before that is said; without a reply
    when it returns False. newest_tls: what the server speaks at most. mute: commands that get no reply."""

    def __init__(self, certificates, certificate="good", security="starttls", login=None, replies=None, at_dot=None,
                 newest_tls=None, mute=()):
        self.security, self.login, self.replies = security, login, replies or {}
        self.at_dot, self.mute, self.sessions = at_dot, mute, []
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificates / f"{certificate}.pem", certificates / f"{certificate}.key")
        if newest_tls:
            self.tls.set_ciphers("DEFAULT:@SECLEVEL=0")
            self.tls.minimum_version = ssl.TLSVersion.TLSv1
            self.tls.maximum_version = newest_tls
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def last(self):
        return self.sessions[-1]

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection = self.socket.accept()[0]
                self.sessions.append(Session())
                threading.Thread(target=self.serve, args=(connection, self.last), daemon=True).start()

    def serve(self, connection, session):
        with contextlib.suppress(OSError, ValueError), contextlib.closing(connection):
            self.talk(connection, session)

    def talk(self, connection, session):
        is_tls = self.security == "tls"
        if is_tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        buffered = b""

        def line():
            nonlocal buffered
            while b"\r\n" not in buffered:
                more = connection.recv(65536)
                if is_tls:
                    session.inside += more
                else:
                    session.plain += more
                if not more:
                    raise OSError("gone")
                buffered += more
            one, buffered = buffered.split(b"\r\n", 1)
            return one

        def say(text):
            connection.sendall(text.encode() + b"\r\n")

        if "greeting" in self.mute:
            time.sleep(60)
        say(self.replies.get("greeting", "220 test"))
        while True:
            words = line()
            verb = words.split(b" ")[0].upper().decode()
            if verb in self.mute:
                time.sleep(60)
            if verb in self.replies:
                say(self.replies[verb])
            elif verb == "EHLO":
                offers = [f"250-{each}" for each in ("STARTTLS",) if self.security == "starttls" and not is_tls]
                say("\r\n".join(["250-test", *offers, "250-AUTH PLAIN", "250 8BITMIME"]))
            elif verb == "STARTTLS":
                say("220 go ahead")
                connection, is_tls = self.tls.wrap_socket(connection, server_side=True), True
            elif verb == "AUTH":
                given = words.split(b" ")[2:]
                if not given:
                    say("334 ")
                    given = [line()]
                session.login = base64.b64decode(given[0]).split(b"\0")[1:]
                say("235 welcome" if session.login == self.login else "535 5.7.8 not you")
            elif verb == "MAIL":
                session.sender = words
                say("250 ok")
            elif verb == "RCPT":
                session.recipients.append(words)
                say("250 ok")
            elif verb == "DATA":
                say("354 go ahead")
                lines = []
                while (one := line()) != b".":
                    lines.append(one[1:] if one.startswith(b".") else one)
                session.message = b"".join(each + b"\r\n" for each in lines)
                if self.at_dot and self.at_dot() is False:
                    return
                say(self.replies.get(".", "250 2.0.0 Ok: queued as 4D5E"))
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("500 what?")
