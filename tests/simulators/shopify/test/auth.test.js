import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start } from './helper.js';

const document = 'query { shop { name } }';
const credentials = { clientId: 'an-app', clientSecret: 'shpss_secret' };
const refusal = { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' };

const grant = (simulator, form) => simulator.post('/admin/oauth/access_token', new URLSearchParams({
  grant_type: 'client_credentials', client_id: 'an-app', client_secret: 'shpss_secret', ...form }));

test('a wrong token and none are refused', async (t) => {
  const simulator = await start(t);
  for (const token of ['shpat_other', '']) {
    const response = await simulator.raw(document, {}, { 'x-shopify-access-token': token });
    assert.equal(response.status, 401);
    assert.deepEqual(await response.json(), refusal);
  }
});

test('an unknown API version and any other path are not found', async (t) => {
  const simulator = await start(t);
  for (const path of ['/admin/api/2026-09/graphql.json', '/admin/api/2026-10/orders.json', '/']) {
    const response = await simulator.post(path, '{}');
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { errors: 'Not Found' });
  }
});

test('client credentials give a token for a day, and then it is worth nothing', async (t) => {
  const simulator = await start(t, { ...credentials, token: null });
  const response = await grant(simulator, {});
  assert.equal(response.status, 200);
  const { access_token: token, expires_in: seconds } = await response.json();
  assert.equal(seconds, 86399);
  const status = async () => (await simulator.raw(document, {}, { 'x-shopify-access-token': token })).status;
  assert.equal(await status(), 200);
  await simulator.control('POST', 'clock', { advance_ms: 86398 * 1000 });
  assert.equal(await status(), 200);
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  assert.equal(await status(), 401);
});

test('the lifetime is configurable, and tokens can be revoked', async (t) => {
  const simulator = await start(t, { ...credentials, lifetime: 60 });
  const { access_token: token, expires_in: seconds } = await (await grant(simulator, {})).json();
  assert.equal(seconds, 60);
  await simulator.control('POST', 'configure', { auth: { revoke: true } });
  assert.equal((await simulator.raw(document, {}, { 'x-shopify-access-token': token })).status, 401);
  await simulator.control('POST', 'configure', { auth: { token: 'shpat_rotated' } });
  assert.equal((await simulator.raw(document, {}, { 'x-shopify-access-token': 'shpat_rotated' })).status, 200);
  assert.equal((await simulator.raw(document)).status, 401);
});

for (const [form, code] of [
  [{ client_id: 'another' }, 'application_cannot_be_found'], [{ client_secret: 'wrong' }, 'invalid_client'],
  [{ grant_type: 'password' }, 'unsupported_grant_type'],
]) {
  test(`the token endpoint refuses with ${code}, on a page for people`, async (t) => {
    const response = await grant(await start(t, credentials), form);
    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type'), /text\/html/);
    assert.match(await response.text(), new RegExp(`Oauth error ${code}`));
  });
}

test('the token endpoint can fail too', async (t) => {
  const simulator = await start(t, credentials);
  await simulator.fault({ kind: 'status', status: 503, match: { operation: 'access_token' } });
  await simulator.fault({ kind: 'status', status: 500 });
  assert.equal((await grant(simulator, {})).status, 503);
  assert.equal((await grant(simulator, {})).status, 200);
  assert.equal((await simulator.raw(document)).status, 500);
});
