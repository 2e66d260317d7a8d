// npm @openai/agents-realtime: text, voice, tool, interruption. Prints one line of JSON.
//   node talk.mjs ws://127.0.0.1:8765/v1/realtime FOLDER      (FOLDER holds time.pcm, weather.pcm)

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';

const [url, folder] = process.argv.slice(2);
const MODEL = 'gpt-realtime-2.1';
const FRAME = 4800; // bytes: 100 ms at 24 kHz
const EVERY_MS = 50; // twice the pace of speech
const TURN_MS = 20_000;

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `snow in ${city}`,
});

class Talk {
  constructor() {
    const agent = new RealtimeAgent({ name: 'Tutor', instructions: 'You are the tutor.', tools: [getWeather] });
    const transport = new OpenAIRealtimeWebSocket({ url: `${url}?model=${MODEL}` });
    this.session = new RealtimeSession(agent, { transport, model: MODEL });
    this.wire = [];
    this.errors = [];
    this.calls = [];
    this.bytes = 0;
    this.interruptions = 0;
    this.session.on('error', ({ error }) => this.errors.push(String(error?.error?.message ?? error?.message ?? error)));
    this.session.on('transport_event', (event) => this.wire.push(event));
    this.session.on('audio', ({ data }) => (this.bytes += data.byteLength));
    this.session.on('audio_interrupted', () => (this.interruptions += 1));
    this.session.on('agent_tool_end', (_context, _agent, used, result) => this.calls.push(`${used.name}: ${result}`));
  }

  async until(type, from) {
    const deadline = Date.now() + TURN_MS;
    while (Date.now() < deadline) {
      const found = this.wire.slice(from).find((event) => event.type === type);
      if (found) return found;
      await pause(10);
    }
    throw new Error(`no ${type} came: ${this.wire.slice(from).map((event) => event.type)}`);
  }

  // Does `act`, then waits until `count` responses are done; the answer is what the last one said.
  async turn(act, count = 1) {
    const from = this.wire.length;
    await act();
    for (let seen = from; count > 0; count--) {
      const done = await this.until('response.done', seen);
      seen = this.wire.indexOf(done) + 1;
    }
    return said(this.session.history, 'assistant');
  }

  async speak(name, done = () => false) {
    const voice = readFileSync(`${folder}/${name}.pcm`);
    for (let at = 0; at < voice.length && !done(); at += FRAME) {
      const piece = new Uint8Array(voice.subarray(at, at + FRAME));
      this.session.sendAudio(piece.buffer);
      await pause(EVERY_MS);
    }
  }

  responses() {
    return this.wire.filter((event) => event.type === 'response.done');
  }
}

function said(history, role) {
  const last = history.filter((item) => item.type === 'message' && item.role === role).at(-1);
  return (last?.content ?? []).map((part) => part.transcript ?? part.text ?? '').join('');
}

async function text(talk) {
  return { text: await talk.turn(() => talk.session.sendMessage('What is the capital of France?')) };
}

async function voice(talk) {
  const answer = await talk.turn(() => talk.speak('time'));
  return { heard: said(talk.session.history, 'user'), voice: answer, sound_s: talk.bytes / 48_000 };
}

async function tools(talk) {
  const answer = await talk.turn(() => talk.session.sendMessage('What is the weather in Paris?'), 2);
  const spoken = await talk.turn(() => talk.speak('weather'), 2);
  return { calls: talk.calls, tool: answer, spoken_tool: spoken };
}

async function interruption(talk) {
  talk.session.sendMessage('Tell me a story');
  await talk.until('response.output_audio.delta', 0);
  await pause(400);
  const answer = await talk.turn(() => talk.speak('time'), 2);
  const truncated = talk.wire.find((event) => event.type === 'conversation.item.truncated');
  const statuses = talk.responses().map((event) => event.response.status);
  return { interruptions: talk.interruptions, truncated_ms: truncated?.audio_end_ms, statuses, after: answer };
}

const result = { errors: [] };
for (const part of [text, voice, tools, interruption]) {
  const talk = new Talk();
  try {
    await talk.session.connect({ apiKey: 'local' });
    Object.assign(result, await part(talk));
  } catch (error) {
    result.errors.push(`${part.name}: ${error.message}`);
  }
  talk.session.close();
  result.errors.push(...talk.errors);
}
console.log(JSON.stringify(result));
process.exit(0);
