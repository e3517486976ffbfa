// The two ways an operation ends other than with data: what Shopify answers, and what this simulator cannot answer for it.

// A top-level GraphQL error as Shopify sends it, with HTTP 200 and `extensions.code`.
export class VendorError extends Error {
  constructor(message, code, extensions = {}) {
    super(message);
    this.extensions = { code, ...extensions };
  }
}

// Something the schema allows and this simulator does not do. It answers 501 and names it, because a null would be believed.
export class Unimplemented extends Error {
  constructor(what, why = '') {
    super(`not implemented by the simulator: ${what}${why === '' ? '' : ` (${why})`}`);
    this.what = what;
  }
}

// A record of this type cannot have this id.
export function invalidId() {
  return new VendorError('invalid id', 'RESOURCE_NOT_FOUND');
}
