// Shopify's own schema, as npm @shopify/dev-mcp ships it, made strict where graphql-js has no types to check with.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { GraphQLError, buildClientSchema, parse, validate, validateSchema } from 'graphql';

import { knownBadDocuments, knownGoodDocument } from './canaries.js';

export const apiVersion = '2026-10';

// buildClientSchema gives custom scalars that let everything through, in and out. These are the ones the simulator speaks.
const scalarShapes = {
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  Decimal: /^-?\d+(\.\d+)?$/,
  Money: /^-?\d+(\.\d+)?$/,
  UnsignedInt64: /^\d{1,20}$/,
  URL: /^[a-z][a-z0-9+.-]*:\S+$/i,
};

export function loadSchema() {
  const data = join(packageFolder('@shopify/dev-mcp'), 'dist', 'data', `admin_${apiVersion}.json.gz`);
  const introspection = JSON.parse(gunzipSync(readFileSync(data)).toString('utf8'));
  const schema = buildClientSchema(introspection.data ?? introspection);
  const problems = validateSchema(schema);
  if (problems.length > 0) {
    throw new Error(`Shopify's schema does not validate: ${problems[0].message}`);
  }
  for (const [name, shape] of Object.entries(scalarShapes)) {
    tightenScalar(schema.getType(name), shape);
  }
  refuseToServeUnchecked(schema);
  return schema;
}

// A fake that accepts everything proves nothing: a schema that lets a known-bad document pass is not served.
function refuseToServeUnchecked(schema) {
  for (const document of knownBadDocuments) {
    if (validate(schema, parse(document)).length === 0) {
      throw new Error(`the schema accepts a document that Shopify rejects: ${document}`);
    }
  }
  const [problem] = validate(schema, parse(knownGoodDocument));
  if (problem) {
    throw new Error(`the schema rejects a document that Shopify accepts: ${problem.message}`);
  }
}

function tightenScalar(scalar, shape) {
  const check = (value) => {
    if (typeof value !== 'string' || !shape.test(value)) {
      throw new GraphQLError(`${scalar.name} cannot represent ${JSON.stringify(value)}`);
    }
    return value;
  };
  const fromLiteral = scalar.parseLiteral;
  scalar.serialize = check;
  scalar.parseValue = (value) => check(typeof value === 'number' ? String(value) : value);
  scalar.parseLiteral = (node, variables) => check(String(fromLiteral(node, variables)));
}

// The package exports its code only, not its data, so the folder is found from the code.
function packageFolder(name) {
  const manifests = createRequire(import.meta.url).resolve.paths(name).map((folder) => join(folder, name, 'package.json'));
  for (const manifest of manifests) {
    try {
      readFileSync(manifest);
      return dirname(manifest);
    } catch (error) {
      if (error.code !== 'ENOENT') {
        throw error;
      }
    }
  }
  throw new Error(`${name} is not installed: run npm ci in tests/simulators/shopify`);
}
