#!/usr/bin/env node
// Opens an envelope without trackier-ctl, as trackier-envelope(5) tells it.
//
//     open_envelope.mjs [-p PASSPHRASEFILE] [-i KEYFILE]... ENVELOPE > CONTENT
//
// KEYFILE: 32 bytes, or 64 hexadecimal digits: a private key, a wrapping key, or an officer's key, of which
// as many as the threshold says. Needs Node 16 and nothing else. Not for secrets on a shared machine: it
// neither locks nor wipes memory.
import crypto from 'node:crypto';
import fs from 'node:fs';

const b64 = (text) => Buffer.from(text, 'base64');
const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
const hmac = (key, data, hash = 'sha256') => crypto.createHmac(hash, key).update(data).digest();
const hkdf = (key, salt, info, size = 32) => Buffer.from(crypto.hkdfSync('sha256', key, salt, info, size));
const sha256 = (data) => crypto.createHash('sha256').update(data).digest();

function expand(hash, key, info, size) { // RFC 5869, the second half
  let [out, last] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let i = 1; out.length < size; i += 1) out = bytes(out, last = hmac(key, bytes(last, info, Buffer.of(i)), hash));
  return out.subarray(0, size);
}

function gcm(key, nonce, sealed) {
  const cipher = crypto.createDecipheriv('aes-256-gcm', key, nonce);
  cipher.setAuthTag(sealed.subarray(-16));
  return bytes(cipher.update(sealed.subarray(0, -16)), cipher.final());
}

const x25519 = (der, raw, type) => [bytes(Buffer.from(der, 'hex'), raw), { format: 'der', type }];
const privateKey = (raw) => { const [key, how] = x25519('302e020100300506032b656e04220420', raw, 'pkcs8'); return crypto.createPrivateKey({ key, ...how }); };
const publicKey = (raw) => { const [key, how] = x25519('302a300506032b656e032100', raw, 'spki'); return crypto.createPublicKey({ key, ...how }); };
const publicOf = (key) => crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);

function hpkeOpen(key, enc, info, sealed) { // RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM
  const extract = (suite, salt, label, ikm) => hmac(salt.length ? salt : Buffer.alloc(32), bytes('HPKE-v1', suite, label, ikm));
  const labelled = (suite, prk, label, data, size) => expand('sha256', prk, bytes(Buffer.of(0, size), 'HPKE-v1', suite, label, data), size);
  const [kem, suite] = ['KEM\0\x20', 'HPKE\0\x20\0\x01\0\x02'];
  const dh = crypto.diffieHellman({ privateKey: key, publicKey: publicKey(enc) });
  const shared = labelled(kem, extract(kem, '', 'eae_prk', dh), 'shared_secret', bytes(enc, publicOf(key)), 32);
  const context = bytes('\0', extract(suite, '', 'psk_id_hash', ''), extract(suite, '', 'info_hash', info));
  const secret = extract(suite, shared, 'secret', '');
  return gcm(labelled(suite, secret, 'key', context, 32), labelled(suite, secret, 'base_nonce', context, 12), sealed);
}

function product(a, b) { // in GF(256)
  let result = 0;
  for (; b; b >>= 1, a = (a << 1) ^ (a & 0x80 ? 0x11b : 0)) if (b & 1) result ^= a;
  return result;
}

function combine(points) { // Lagrange at 0; 1/d is d^254
  const secret = Buffer.alloc(32);
  for (const [x, y] of points) {
    let factor = 1;
    for (const [other] of points) {
      if (other === x) continue;
      let inverse = 1;
      for (let i = 0; i < 254; i += 1) inverse = product(inverse, x ^ other);
      factor = product(factor, product(other, inverse));
    }
    y.forEach((byte, i) => { secret[i] ^= product(factor, byte); });
  }
  return secret;
}

function* dataKeys(stanzas, id, keys, passphrase) {
  const info = (name) => bytes('trackier-envelope/1 ', name, '\0', id);
  const sets = new Map();
  for (const [kind, ...words] of stanzas) {
    for (const raw of keys) {
      const key = privateKey(raw);
      const mine = sha256(publicOf(key)).toString('hex', 0, 8) === words[0];
      if (kind === 'hpke' && mine) yield hpkeOpen(key, b64(words[1]), info('hpke'), b64(words[2]));
      if (kind === 'kek' && hkdf(raw, '', 'trackier-envelope/1 kek id', 8).toString('hex') === words[0]) {
        yield gcm(hkdf(raw, b64(words[1]), info('kek')), Buffer.alloc(12), b64(words[2]));
      }
      if (kind === 'officer' && mine) {
        const [threshold, x] = [Number(words[2]), Number(words[3])];
        const bound = bytes(info('officer'), Buffer.from(words[1], 'hex'), Buffer.of(threshold, x));
        const points = sets.get(words[1]) ?? new Map();
        sets.set(words[1], points.set(x, hpkeOpen(key, b64(words[4]), bound, b64(words[5]))));
        if (points.size === threshold) yield combine(points);
      }
    }
    if (kind === 'scrypt' && passphrase) {
      const N = 2 ** Number(words[1]);
      const key = crypto.scryptSync(passphrase, b64(words[0]), 32, { N, r: 8, p: 1, maxmem: N * 2048 });
      yield gcm(hkdf(key, Buffer.alloc(32), info('scrypt')), Buffer.alloc(12), b64(words[2]));
    }
  }
}

function openHead(head, keys, passphrase) {
  const blocks = [];
  for (const block of [head.subarray(0, 4096), head.subarray(4096)]) {
    const text = block.toString('latin1', 0, 4051).replace(/ +$/, '');
    const first = /^trackier-(?:envelope|keyring)\/1 ([1-9]\d*)\n/.exec(text);
    if (first && block[4051] === 10 && sha256(block.subarray(0, 4052)).equals(b64(block.toString('latin1', 4052, 4095)))) {
      blocks.push([Number(first[1]), text]);
    }
  }
  for (const [, text] of blocks.sort((a, b) => b[0] - a[0])) {
    const lines = text.trimEnd().split('\n');
    const [, hex, , length] = lines[1].split(' ');
    const id = Buffer.from(hex, 'hex');
    const stanzas = lines.filter((line) => line.startsWith('-> ')).map((line) => line.slice(3).split(' '));
    for (const dek of dataKeys(stanzas, id, keys, passphrase)) {
      const mac = hmac(hkdf(dek, id, 'trackier-envelope/1 header'), text.slice(0, text.lastIndexOf('\n--- ') + 4));
      if (mac.equals(b64(lines.at(-1).slice(4)))) return { dek, id, length: length && Number(length) };
    }
  }
  throw new Error(blocks.length ? 'no key here opens it, or its head was changed' : 'not an envelope');
}

function* content(file, keys, passphrase) {
  const read = (size) => { const into = Buffer.alloc(size); return into.subarray(0, fs.readSync(file, into, 0, size)); };
  const { dek, id, length } = openHead(read(8192), keys, passphrase);
  const [salt, commitment] = [read(24), read(32)];
  const info = bytes('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', salt, 'trackier-envelope/1 body\0', id);
  const okm = expand('sha512', dek, info, 76);
  if (!okm.subarray(44).equals(commitment)) throw new Error('the payload is of another envelope');
  const base = BigInt(`0x${okm.toString('hex', 32, 44)}`);
  let total = 0;
  for (let chunk = 0n, plain; chunk < 2n ** 32n && (!plain || plain.length === 16384); chunk += 1n) {
    const nonce = Buffer.from((base ^ chunk).toString(16).padStart(24, '0'), 'hex');
    plain = gcm(okm.subarray(0, 32), nonce, read(16384 + 16));
    total += plain.length;
    yield plain;
  }
  if (read(1).length || (length !== undefined && length !== total)) throw new Error('something is missing, or follows the end');
}

function keyOf(path) {
  const raw = fs.readFileSync(path);
  return raw.length === 32 ? raw : Buffer.from(raw.toString().trim(), 'hex');
}

let [keys, passphrase, envelope] = [[], null, null];
for (let args = process.argv.slice(2); args.length; args.shift()) {
  if (args[0] === '-i') { args.shift(); keys.push(keyOf(args[0])); }
  else if (args[0] === '-p') { args.shift(); passphrase = fs.readFileSync(args[0], 'utf8').replace(/\n$/, ''); }
  else envelope = args[0];
}
try {
  for (const plain of content(fs.openSync(envelope, 'r'), keys, passphrase)) fs.writeSync(1, plain);
} catch (error) {
  console.error(`${envelope}: ${error.message}`);
  process.exitCode = 1;
}
