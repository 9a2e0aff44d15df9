'use strict';
// A stateful LSTM server as one writes it with grpc-js and onnxruntime.
//
//   npm install --no-package-lock --onnxruntime-node-install=skip
//   node server.js --port P --hidden H [--weights FILE]
//
// Answers OpenSession and Stream of recur.v1.Recur. The states of all sessions
// are rows of two arrays; the items of a message are gathered into one batch,
// stepped, and put back. Nothing is deduplicated, checked or stored. FILE is
// lstm_H.onnx of ../write_models.py, in build/bench/peers if not given. A
// forecast is the first `horizon` values of the hidden state, one if not given.

const path = require('node:path');
const { parseArgs } = require('node:util');
const grpc = require('@grpc/grpc-js');
const ort = require('onnxruntime-node');
const protobuf = require('protobufjs');

const ROOT = path.resolve(__dirname, '../../../..');
const INPUTS = 8;
const WANT_FORECAST = 2;
const DURABILITY_NONE = 1;

const OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': 1000,
  'grpc-node.max_session_memory': Number.MAX_SAFE_INTEGER,
};

// protobufjs itself instead of @grpc/proto-loader, which copies every message
// once more into or out of plain objects, and 64-bit integers as plain numbers:
// both together take half of the time of a message of 256 items.
function loadService() {
  protobuf.util.Long = null;
  protobuf.configure();
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) => path.join(ROOT, 'proto', target);
  root.loadSync('recur/v1/recur.proto', { keepCase: true });
  const method = (name, streams) => {
    const request = root.lookupType(`recur.v1.${name}Request`);
    const response = root.lookupType(`recur.v1.${name}Response`);
    return {
      path: `/recur.v1.Recur/${name}`,
      requestStream: streams,
      responseStream: streams,
      requestDeserialize: (bytes) => request.decode(bytes),
      responseSerialize: (message) => response.encode(message).finish(),
    };
  };
  return {
    OpenSession: method('OpenSession', false),
    Stream: method('Stream', true),
  };
}

// The arrays of one batch, and the tensors that are views of them.
class Batch {
  constructor(size, hidden) {
    const tensor = (width) =>
      new ort.Tensor('float32', new Float32Array(size * width), [size, width]);
    this.feeds = { x: tensor(INPUTS), h: tensor(hidden), c: tensor(hidden) };
    this.fetches = { next_h: tensor(hidden), next_c: tensor(hidden) };
  }
}

// The model, and the state of every session as a row of h and c.
class Sessions {
  constructor(model, hidden) {
    this.model = model;
    this.hidden = hidden;
    this.rows = new Map(); // by session id
    this.h = new Float32Array(1024 * hidden);
    this.c = new Float32Array(1024 * hidden);
    this.steps = []; // by row
  }

  // The row of a session, new and zero if it has none yet.
  row(id) {
    let row = this.rows.get(id);
    if (row === undefined) {
      row = this.rows.size;
      this.rows.set(id, row);
      this.steps.push(0);
      if (this.steps.length * this.hidden > this.h.length) this.grow();
    }
    return row;
  }

  grow() {
    for (const name of ['h', 'c']) {
      const larger = new Float32Array(2 * this[name].length);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  // Steps these rows, all different; batch.feeds.x holds their observations.
  async step(rows, batch) {
    const n = this.hidden;
    const h = batch.feeds.h.data;
    const c = batch.feeds.c.data;
    for (let i = 0; i < rows.length; ++i) {
      const at = rows[i] * n;
      h.set(this.h.subarray(at, at + n), i * n);
      c.set(this.c.subarray(at, at + n), i * n);
    }
    await this.model.run(batch.feeds, batch.fetches);
    const nextH = batch.fetches.next_h.data;
    const nextC = batch.fetches.next_c.data;
    for (let i = 0; i < rows.length; ++i) {
      const at = rows[i] * n;
      this.h.set(nextH.subarray(i * n, i * n + n), at);
      this.c.set(nextC.subarray(i * n, i * n + n), at);
      ++this.steps[rows[i]];
    }
  }
}

// One Stream call: its handles, the number of its next item, and the batches
// of the sizes that it has used.
class Stream {
  constructor(sessions) {
    this.sessions = sessions;
    this.rows = new Map(); // by handle
    this.nextItem = 0;
    this.batches = new Map();
  }

  batch(size) {
    let batch = this.batches.get(size);
    if (!batch) {
      batch = new Batch(size, this.sessions.hidden);
      this.batches.set(size, batch);
    }
    return batch;
  }

  async answer(request) {
    const response = {};
    if (request.attach.length > 0) {
      response.attached = request.attach.map((attach) => this.attach(attach));
    }
    for (const handle of request.detach) this.rows.delete(handle);
    if (request.items && request.items.handle.length > 0) {
      response.replies = await this.answerItems(request);
    }
    return response;
  }

  attach({ handle, session_id }) {
    const row = this.sessions.row(session_id);
    this.rows.set(handle, row);
    const applied_step = this.sessions.steps[row];
    const session = { session_id, applied_step };
    return { handle, session, resume_step: applied_step + 1 };
  }

  async answerItems(request) {
    const items = request.items;
    const rows = items.handle.map((handle) => this.rows.get(handle));
    const values = items.values.length > 0 ? items.values : items.values_f64;
    const item = rows.map((_, i) => this.nextItem + i);
    this.nextItem += rows.length;
    let step;
    let hidden = (i) => this.hiddenOf(rows[i]);
    if (new Set(rows).size * INPUTS === values.length) {
      const batch = this.batch(rows.length);
      batch.feeds.x.data.set(values);
      await this.sessions.step(rows, batch);
      step = rows.map((row) => this.sessions.steps[row]);
    } else {
      const last = await this.stepInTurns(rows, values, items.steps);
      step = last.map((turn) => turn.step);
      hidden = (i) => last[i].hidden;
    }
    const replies = { item, handle: items.handle, step, applied_step: step };
    if (items.want.length > 0) {
      replies.answers = forecasts(request, rows.length, hidden);
    }
    return replies;
  }

  hiddenOf(row) {
    const n = this.sessions.hidden;
    return this.sessions.h.slice(row * n, row * n + n);
  }

  // Items of several steps, or several items of a session: one batch after the
  // other, each of different sessions. Returns what every item's last step
  // left: its number and the hidden state.
  async stepInTurns(rows, values, counts) {
    const turns = []; // of { row, at, item }, `at` a row of values
    const taken = new Map(); // turns that a row is in
    let at = 0;
    rows.forEach((row, item) => {
      for (let left = counts.length > 0 ? counts[item] : 1; left > 0; --left) {
        const turn = taken.get(row) || 0;
        taken.set(row, turn + 1);
        if (turn === turns.length) turns.push([]);
        turns[turn].push({ row, at: at++, item });
      }
    });
    const last = new Array(rows.length);
    for (const turn of turns) {
      const batch = this.batch(turn.length);
      turn.forEach(({ at }, i) => batch.feeds.x.data.set(
        values.slice(at * INPUTS, (at + 1) * INPUTS), i * INPUTS));
      await this.sessions.step(turn.map(({ row }) => row), batch);
      for (const { row, item } of turn) {
        last[item] = {
          step: this.sessions.steps[row], hidden: this.hiddenOf(row),
        };
      }
    }
    return last;
  }
}

function forecasts(request, count, hidden) {
  const wants = request.items.want;
  const horizon = (request.forecast && request.forecast.horizon) || 1;
  const answers = [];
  for (let index = 0; index < count; ++index) {
    if (wants[wants.length > 1 ? index : 0] === WANT_FORECAST) {
      const point = Array.from(hidden(index).subarray(0, horizon));
      answers.push({ index, forecast: { point } });
    }
  }
  return answers;
}

// A stream's messages are answered one after the other, in order.
function serveStream(call, sessions) {
  const stream = new Stream(sessions);
  let last = Promise.resolve();
  const fail = (error) => call.destroy(error);
  call.on('data', (request) => {
    last = last.then(() => stream.answer(request))
      .then((response) => call.write(response), fail);
  });
  call.on('end', () => last.then(() => call.end()));
}

function openSession(call, callback, sessions) {
  const { model, session_id: given } = call.request;
  const session_id = given || `${sessions.rows.size}`;
  sessions.row(session_id);
  callback(null, {
    session: { session_id, model, version: 1, durability: DURABILITY_NONE },
  });
}

async function main() {
  const { values: args } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      hidden: { type: 'string', default: '128' },
      weights: { type: 'string' },
    },
  });
  const file = args.weights ||
    path.join(ROOT, `build/bench/peers/lstm_${args.hidden}.onnx`);
  const model = await ort.InferenceSession.create(
    file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const sessions = new Sessions(model, Number(args.hidden));
  const server = new grpc.Server(OPTIONS);
  server.addService(loadService(), {
    OpenSession: (call, callback) => openSession(call, callback, sessions),
    Stream: (call) => serveStream(call, sessions),
  });
  for (const name of ['SIGTERM', 'SIGINT']) {
    process.on(name, () => {
      server.forceShutdown();
      process.exit(0);
    });
  }
  server.bindAsync(
    `127.0.0.1:${args.port}`, grpc.ServerCredentials.createInsecure(),
    (error, port) => {
      if (error) throw error;
      console.log(`listening on 127.0.0.1:${port}`);
    });
}

main();
