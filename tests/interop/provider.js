// A certified OpenID provider for one test: told by its first argument, ready when it says its issuer.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const told = JSON.parse(process.argv[2]);

const kinds = {
  RS256: ["rsa", { modulusLength: 2048 }],
  PS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};

const keys = [...new Set(["RS256", told.algorithm])].map((alg) => ({
  ...generateKeyPairSync(...kinds[alg]).privateKey.export({ format: "jwk" }),
  kid: `${told.keyName}-${alg}`,
  alg,
  use: "sig",
}));

const server = createServer();
server.listen(told.port, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "handrail",
        client_secret: told.secret,
        redirect_uris: [`${told.portal}/sign-in/callback`],
        post_logout_redirect_uris: [`${told.portal}/signed-out`],
        backchannel_logout_uri: `${told.portal}/sign-in/back-channel-logout`,
        backchannel_logout_session_required: true,
        id_token_signed_response_alg: told.algorithm,
      },
    ],
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email"] },
    conformIdTokenClaims: told.claimsApart,
    pkce: { required: () => true },
    cookies: { keys: ["only for the tests"] },
    // Its own refuses to call a portal on this machine.
    fetch: (address, options) => fetch(address, { ...options, dispatcher: undefined }),
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Person ${id}`, email: `${id}@example.com`, roles: ["supervisor", "chess"] }),
    }),
  });
  provider.on("server_error", (_context, error) => console.error(error));
  provider.on("backchannel.error", (_context, error) => console.error(error));
  server.on("request", provider.callback());
  console.log(`issuer ${issuer}`);
});
