// An OpenID provider that others wrote (oidc-provider), under the addresses that Entra ID has for one tenant.
//
// What it is to be is read from the first line of standard input, as JSON: { key, certificate, tenant, names, clients,
// claims, discovery }. Once it listens, { "port": ... } goes to standard output; from then on every line of input is
// an order, and every line of output its answer. It ends with its input.
//
// Only addresses are made to fit here: Entra ID has its discovery document below /v2.0, knows a tenant by its id and by
// its domains, and names the resource in the scope (https://graph.microsoft.com/.default). All else is the provider's.

import https from 'node:https';
import readline from 'node:readline';
import Provider from 'oidc-provider';

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = JSON.parse((await lines.next()).value);

const clock = Date.now;
let ahead = 0;
Date.now = () => clock() + ahead * 1000;

// What the provider has to say to people is not meant for whoever reads our answers.
console.info = console.warn = console.error;

let journal = [];
let codes = { seconds: 900, interval: 1 };
let plain = false;
let tokenSeconds = 3599;

const server = https.createServer({ key: settings.key, cert: settings.certificate });
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const origin = `https://localhost:${server.address().port}`;

/** The resource that a scope of Entra ID names. */
const resource = (scope) => scope?.split(' ').find((word) => word.endsWith('/.default'))?.slice(0, -'/.default'.length);

const provider = new Provider(`${origin}/${settings.tenant}/v2.0`, {
  clients: settings.clients,
  routes: {
    token: '/oauth2/v2.0/token',
    device_authorization: '/oauth2/v2.0/devicecode',
    code_verification: '/device',
    authorization: '/oauth2/v2.0/authorize',
    jwks: '/discovery/v2.0/keys',
  },
  clientAuthMethods: ['client_secret_post', 'private_key_jwt', 'none'],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
  scopes: ['openid', 'profile', 'offline_access'],
  claims: { openid: ['sub', 'oid', 'tid'], profile: ['name', 'preferred_username'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...settings.claims, preferred_username: id }) }),
  ttl: {
    ClientCredentials: () => tokenSeconds, AccessToken: () => tokenSeconds, IdToken: 3599, Session: 3600, Grant: 3600, Interaction: 3600,
    DeviceCode: () => codes.seconds,
  },
  discovery: settings.discovery,
  cookies: { keys: ['nothing but this process knows it, and it ends soon'] },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => resource(ctx.oidc.params.scope),
      useGrantedResource: () => true,
      getResourceServerInfo: (_, identifier) => ({
        audience: identifier, scope: `${identifier}/.default`, accessTokenFormat: 'jwt', accessTokenTTL: tokenSeconds,
      }),
    },
  },
});

/** Why the provider refused: it tells its clients no more than that it did. */
const reasons = new WeakMap();
for (const event of ['grant.error', 'device_authorization.error', 'server_error']) {
  provider.on(event, (ctx, error) => reasons.set(ctx.res, error.error_detail ?? error.cause?.message ?? error.message));
}
provider.use(async (ctx, next) => {
  await next();
  const { client_assertion: assertion, grant_type: grant } = ctx.oidc?.params ?? {};
  const header = assertion && JSON.parse(Buffer.from(assertion.split('.')[0], 'base64url'));
  // RFC 8628 has clients wait five seconds where the provider does not say how long; by itself this one never does.
  if (ctx.oidc?.route === 'device_authorization' && codes.interval) ctx.body.interval = codes.interval;
  if (ctx.oidc?.route === 'discovery' && plain) for (const name of Object.keys(settings.discovery)) delete ctx.body[name];
  journal.push({
    method: ctx.method, path: ctx.req.originalUrl, route: ctx.oidc?.route, grant, status: ctx.status,
    error: ctx.body?.error, why: reasons.get(ctx.res), header,
  });
});

const callback = provider.callback();
const names = [settings.tenant, ...settings.names].map((name) => name.toLowerCase());

server.on('request', (request, response) => {
  const [, name, rest] = /^\/([^/]+)(\/.*)$/.exec(request.url) ?? [];
  if (!names.includes(name?.toLowerCase())) {
    journal.push({ method: request.method, path: request.url, status: 404 });
    response.writeHead(404).end();
    return;
  }
  request.url = rest.replace(/^\/v2\.0(?=\/\.well-known\/)/, '');
  request.originalUrl = `/${settings.tenant}${request.url}`;
  callback(request, response);
});

const orders = {
  journal: () => { const told = journal; journal = []; return told; },
  clock: ({ seconds }) => { ahead = seconds; return null; },
  codes: (how) => { codes = how; return null; },
  tokens: ({ seconds }) => { tokenSeconds = seconds; return null; },
  plain: ({ value }) => { plain = value; return null; },
};

console.log(JSON.stringify({ port: server.address().port }));
for await (const line of lines) {
  const order = JSON.parse(line);
  console.log(JSON.stringify(orders[order.do](order)));
}
process.exit(0);
