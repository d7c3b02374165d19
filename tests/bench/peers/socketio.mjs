// Competitor: socket.io on Node. Emits to a room, and moves cards in a PostgreSQL transaction that keeps a log, as Workroom does.
import { createServer } from "node:http";
import pg from "pg";
import { Server } from "socket.io";

const [port, databaseUrl] = process.argv.slice(2);
const BOARD = "board";
const pool = databaseUrl ? new pg.Pool({ connectionString: databaseUrl, max: 10 }) : null;

const SCHEMA = `
  CREATE TABLE stream (id int PRIMARY KEY, head bigint NOT NULL);
  CREATE TABLE card (id int PRIMARY KEY, place int NOT NULL, version int NOT NULL);
  CREATE TABLE command (ref uuid PRIMARY KEY, reply text NOT NULL);
  CREATE TABLE event (stream int NOT NULL, seq bigint NOT NULL, body text NOT NULL, PRIMARY KEY (stream, seq));
  INSERT INTO stream VALUES (1, 0);
  INSERT INTO card SELECT n, 0, 1 FROM generate_series(0, 99) AS n;
`;

const now = () => Number(process.hrtime.bigint()) / 1e9;

function eventOf(seq, ref, data) {
  const id = `01a1fdf8-0981-7563-ac4c-${String(seq).padStart(12, "0")}`;
  const actor = { id, username: "alice", kind: "human" };
  return { type: "card_moved", seq, id, stream: `board:${id}`, timestamp: Date.now() / 1000, actor, ref: ref ?? id, data };
}

const http = createServer(async (request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  const at = now();
  if (url.pathname === "/emit") {
    for (let number = 0; number < Number(url.searchParams.get("count")); number += 1) {
      io.to(BOARD).emit("event", eventOf(number, null, { card: 1, column: 2, from_column: 1, rank: 65536, version: 2, more: "x".repeat(90) }));
      await new Promise(setImmediate);
    }
  }
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ at }));
});
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });

async function move({ ref, card, place }) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const head = await client.query("UPDATE stream SET head = head + 1 WHERE id = 1 RETURNING head");
    const moved = await client.query("UPDATE card SET place = $2, version = version + 1 WHERE id = $1 RETURNING version", [card, place]);
    const event = eventOf(Number(head.rows[0].head), ref, { card, column: place, rank: 65536, version: moved.rows[0].version });
    await client.query("INSERT INTO event VALUES (1, $1, $2)", [event.seq, JSON.stringify(event)]);
    await client.query("INSERT INTO command VALUES ($1, $2)", [ref, JSON.stringify({ seq: event.seq })]);
    await client.query("COMMIT");
    io.to(BOARD).emit("event", event);
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

io.on("connection", (socket) => {
  socket.join(BOARD);
  socket.on("move", move);
});

if (pool) await pool.query(SCHEMA);
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 2048 });
