// What every mutation shares: it is journalled, and @idempotent means something only where Shopify documents it.

import { getDirectiveValues } from 'graphql';

import { Unimplemented, VendorError } from './errors.js';

// An entry for coverage.js of a mutation that a repeat carries out again.
export function plainMutation(args, resolve) {
  return {
    takes: args,
    resolve: (_, values, context, info) => {
      if (keyOf(info)) {
        throw new Unimplemented(`@idempotent on ${info.fieldName}`, 'Shopify does not document what it does there');
      }
      return context.journal.record(info.fieldName, values, context, null, () => ({ payload: resolve(values, context) }));
    },
  };
}

// An entry for coverage.js of a mutation whose repeats carry one key. `rules` checks what the schema cannot say, `recheck` what a
// repeat meets that is evaluated anew (see idempotency.js), `refusal` makes a payload of a userErrors code.
export function idempotentMutation(args, { rules, resolve, recheck, refusal }) {
  return {
    takes: args,
    resolve: (_, values, context, info) => {
      const key = keyOf(info);
      return context.journal.record(info.fieldName, values, context, key ?? null, () => {
        rules(values);
        if (!key) {
          throw new VendorError('The @idempotent directive is required for this mutation but was not provided.', 'BAD_REQUEST');
        }
        return context.idempotency.run({
          operation: info.fieldName, key, values, request: context.request,
          apply: () => resolve(values, context), recheck: () => recheck(values, context), refusal,
        });
      });
    },
  };
}

export function idempotencyKeyOf(schema, fieldNode, variables) {
  return getDirectiveValues(schema.getDirective('idempotent'), fieldNode, variables)?.key;
}

function keyOf(info) {
  return idempotencyKeyOf(info.schema, info.fieldNodes[0], info.variableValues);
}
