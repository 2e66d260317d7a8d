// npm openai: whether its realtime classes can reach a server that has no TLS. Prints JSON.
//   node talk.mjs ws://127.0.0.1:8765/v1/realtime

import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const [url] = process.argv.slice(2);
const http = url.replace('ws://', 'http://').replace('/realtime', '');
const client = new OpenAI({ apiKey: 'local', baseURL: http });

function connect(options) {
  return new Promise((resolve) => {
    let realtime;
    try {
      realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1', ...options }, client);
    } catch (error) {
      resolve({ connected: false, url: null, said: error.message });
      return;
    }
    const shown = String(realtime.url);
    realtime.on('session.created', () => resolve({ connected: true, url: shown, said: '' }));
    realtime.on('error', (error) => resolve({ connected: false, url: shown, said: error.message }));
  });
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);
const secret = await client.realtime.clientSecrets.create({ session: { type: 'realtime', model: 'gpt-realtime-2.1' } });
const own = await connect({});
const custom = await connect({ buildRealtimeURL: () => new URL(`${url}?model=gpt-realtime-2.1`) });
console.log(JSON.stringify({ models: models.length, secret: secret.value.slice(0, 3), own, custom, errors: [] }));
process.exit(0);
