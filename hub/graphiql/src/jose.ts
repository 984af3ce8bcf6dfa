// Signing with keys of this browser (WebCrypto), in the compact form of RFC 7515.

export type PrivateJwk = JsonWebKey & { kid?: string };
export interface Signer {
  alg: "EdDSA" | "ES256";
  kid?: string;
  sign(header: object, claims: object): Promise<string>;
}

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const encoder = new TextEncoder();

export const now = (): number => Math.floor(Date.now() / 1000);

export function base64url(data: ArrayBuffer): string {
  const text = Array.from(new Uint8Array(data), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export const sha256 = async (text: string): Promise<string> =>
  base64url(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

function signer(key: CryptoKey, alg: Signer["alg"], kid?: string): Signer {
  const part = (value: object): string => base64url(encoder.encode(JSON.stringify(value)).buffer);
  const algorithm = alg === "ES256" ? P256 : { name: "Ed25519" };
  return {
    alg,
    kid,
    async sign(header, claims) {
      const text = `${part({ ...header, alg, kid })}.${part(claims)}`;
      return `${text}.${base64url(await crypto.subtle.sign(algorithm, key, encoder.encode(text)))}`;
    },
  };
}

/** A client's private key, held by the browser so that not even this page can read it again. */
export async function clientSigner(text: string): Promise<Signer> {
  if (!crypto.subtle) {
    throw new Error("This page needs https, or an address of this machine. 请通过 https 或本机地址访问。");
  }
  let jwk: PrivateJwk;
  try {
    jwk = JSON.parse(text) as PrivateJwk;
  } catch {
    throw new Error("The key is not JSON: give the client's private JWK. 密钥不是 JSON，请提供客户端私钥。");
  }
  const { kty, crv, d, x, y, kid } = jwk;
  if (!d) throw new Error("This is a public key: give the private JWK. 这是公钥，请提供私钥。");
  if (kty === "EC" && crv === "P-256") {
    const key = await crypto.subtle.importKey("jwk", { kty, crv, d, x, y }, P256, false, ["sign"]);
    return signer(key, "ES256", kid);
  }
  if (kty !== "OKP" || crv !== "Ed25519") {
    throw new Error("Only Ed25519 and P-256 keys are taken. 仅支持 Ed25519 与 P-256 密钥。");
  }
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, crv, d, x }, { name: "Ed25519" }, false, ["sign"]);
    return signer(key, "EdDSA", kid);
  } catch {
    throw new Error("This browser has no Ed25519: use a P-256 key. 此浏览器不支持 Ed25519，请改用 P-256 密钥。");
  }
}

/** A new key for DPoP proofs, with its public part. P-256, which every browser has. */
export async function proofSigner(): Promise<[Signer, JsonWebKey, CryptoKeyPair]> {
  const pair = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return [signer(pair.privateKey, "ES256"), { kty, crv, x, y }, pair];
}

/** A P-256 key that the browser kept. */
export const signerOf = (key: CryptoKey, kid: string): Signer => signer(key, "ES256", kid);
