-- Adds messages to the stream, each with the next number of the epoch. Where the stream is not what the caller has read,
-- a new epoch begins: the stream was lost, or its end was (a failover, an older file), and its numbers are given a
-- second time. What is older goes: no reader may take one epoch's numbers for another's.
--
-- KEYS: the stream. ARGV: how many entries are kept, about; id and time of the caller's last entry ("0-0": it has none);
-- the messages.
local stream, length, place, place_at = KEYS[1], ARGV[1], ARGV[2], ARGV[3]

local function parse(id)
  local epoch, seq = string.match(id, "^(%d+)-(%d+)$")
  return tonumber(epoch), tonumber(seq)
end

local function before(one, other)
  local epoch, seq = parse(one)
  local other_epoch, other_seq = parse(other)
  return epoch < other_epoch or (epoch == other_epoch and seq < other_seq)
end

local function at(id)
  return redis.call("XRANGE", stream, id, id, "COUNT", 1)[1]
end

local last = redis.call("XREVRANGE", stream, "+", "-", "COUNT", 1)[1]
local first = redis.call("XRANGE", stream, "-", "+", "COUNT", 1)[1]
local seconds, microseconds = unpack(redis.call("TIME"))
local now = seconds * 1000 + math.floor(microseconds / 1000)

local function lost()
  if not last then return true end
  if place == "0-0" then return false end
  local there = at(place)
  if there then return there[2][2] ~= place_at end
  return before(first[1], place) -- else the place was merely trimmed
end

local function add(epoch, seq, field, value)
  redis.call("XADD", stream, "MAXLEN", "~", length, string.format("%.0f-%.0f", epoch, seq),
    "at", string.format("%.0f", now), field, value)
end

local epoch, seq
if lost() then
  epoch, seq = math.max(now, parse(place) + 1, last and parse(last[1]) + 1 or 0), 0
  redis.call("DEL", stream)
  add(epoch, seq, "begin", "")
else
  epoch, seq = parse(last[1])
end
for i = 4, #ARGV do
  seq = seq + 1
  add(epoch, seq, "message", ARGV[i])
end
