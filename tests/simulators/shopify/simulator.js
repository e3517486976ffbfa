// The command line: node simulator.js --port 0 --token shpat_test [--client-id X --client-secret Y]

import { parseArgs } from 'node:util';

import { Server } from './server.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    token: { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'token-lifetime': { type: 'string' },
    'maximum-available': { type: 'string' },
    'restore-rate': { type: 'string' },
  },
});

const number = (name) => (values[name] === undefined ? undefined : Number(values[name]));
const given = (entries) => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

if (values.token === undefined && values['client-id'] === undefined) {
  console.error('simulator.js: give --token, or --client-id and --client-secret');
  process.exit(2);
}

const server = new Server({
  token: values.token ?? null,
  ...given({ clientId: values['client-id'], clientSecret: values['client-secret'], lifetime: number('token-lifetime') }),
  throttle: given({ maximum_available: number('maximum-available'), restore_rate: number('restore-rate') }),
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => server.close().then(() => process.exit(0)));
}

const port = await server.listen(Number(values.port));
console.log(`listening on 127.0.0.1:${port}`);
