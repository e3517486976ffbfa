// Access tokens: the configured one, and those that the client credentials grant gives out and that expire.

import { randomBytes } from 'node:crypto';

const tokenLifetime = 86399;

export class Auth {
  #granted = new Map();

  constructor(clock, { token, clientId = null, clientSecret = null, lifetime = tokenLifetime }) {
    this.clock = clock;
    this.token = token;
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.lifetime = lifetime;
  }

  accepts(token) {
    return token !== undefined && ((this.token !== null && token === this.token) || this.#granted.get(token) > this.clock.now());
  }

  // As if the merchant had rotated the secret: what was granted is worth nothing any more.
  revoke() {
    this.#granted.clear();
  }

  grant(form) {
    if (form.get('grant_type') !== 'client_credentials') {
      return refuse('unsupported_grant_type', 'Unsupported grant_type');
    }
    if (this.clientId === null || form.get('client_id') !== this.clientId) {
      return refuse('application_cannot_be_found', `Could not find Shopify API application with api_key ${form.get('client_id') ?? ''}`);
    }
    if (form.get('client_secret') !== this.clientSecret) {
      return refuse('invalid_client', 'The client secret is wrong');
    }
    const token = `shpat_${randomBytes(16).toString('hex')}`;
    this.#granted.set(token, this.clock.now() + this.lifetime * 1000);
    const body = { access_token: token, scope: 'read_orders,write_fulfillments,write_inventory', expires_in: this.lifetime };
    return { status: 200, body };
  }
}

export const unauthorised = {
  status: 401, body: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' },
};

// The endpoint refuses with a page for people, not with JSON.
function refuse(code, text) {
  return {
    status: 400, headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><html><head><title>400 - Oauth error ${code}</title></head><body>Oauth error ${code}: ${text}</body></html>`,
  };
}
