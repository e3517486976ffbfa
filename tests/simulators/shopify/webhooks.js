// Webhook subscriptions: kept and listed, not delivered; the tests deliver webhooks themselves.

import { page, pagingArguments } from './connection.js';
import { Unimplemented } from './errors.js';
import { numberOf } from './gid.js';
import { plainMutation } from './mutation.js';
import { byId } from './shop.js';

const defaultFormat = 'JSON';

export const fields = {
  QueryRoot: {
    webhookSubscription: byId('WebhookSubscription'),
    webhookSubscriptions: {
      takes: [...pagingArguments, 'topics', 'uri', 'sortKey'],
      resolve: (_, args, { state }) => {
        if (args.sortKey !== 'CREATED_AT' && args.sortKey !== 'ID') {
          throw new Unimplemented(`QueryRoot.webhookSubscriptions(sortKey: ${args.sortKey})`);
        }
        const kept = state.all('WebhookSubscription').filter(({ topic, uri }) => (
          (!args.topics || args.topics.includes(topic)) && (!args.uri || args.uri === uri)));
        return page(kept, args, args.sortKey === 'ID' ? undefined : ({ createdAt }) => createdAt);
      },
    },
  },
  Mutation: { webhookSubscriptionCreate: plainMutation(['topic', 'webhookSubscription'], create) },
  WebhookSubscriptionCreatePayload: { webhookSubscription: true, userErrors: true },
  WebhookSubscription: {
    id: true,
    legacyResourceId: ({ id }) => numberOf(id),
    topic: true,
    uri: true,
    format: true,
    filter: true,
    includeFields: true,
    name: true,
    createdAt: true,
    updatedAt: true,
  },
};

export const inputs = { WebhookSubscriptionInput: ['uri', 'format', 'filter', 'includeFields', 'name'] };

function create({ topic, webhookSubscription: input }, { state }) {
  const uri = input.uri ?? null;
  if (uri === null) {
    throw new Unimplemented('webhookSubscriptionCreate without uri', 'what Shopify answers was not seen');
  }
  const refuse = (message) => ({ webhookSubscription: null, userErrors: [{ field: ['webhookSubscription', 'callbackUrl'], message }] });
  // The field is called callbackUrl in Shopify's answers still, whichever input was given.
  if (uri.startsWith('http://')) {
    return refuse('Address protocol http:// is not supported');
  }
  const format = input.format ?? defaultFormat;
  if (state.all('WebhookSubscription').some((kept) => kept.topic === topic && kept.uri === uri && kept.format === format)) {
    return refuse('Address for this topic has already been taken');
  }
  const now = state.clock.timestamp();
  return {
    webhookSubscription: state.add({
      __typename: 'WebhookSubscription', id: state.newId('WebhookSubscription'), topic, uri, format, filter: input.filter ?? null,
      includeFields: input.includeFields ?? [], name: input.name ?? null, createdAt: now, updatedAt: now,
    }),
    userErrors: [],
  };
}
