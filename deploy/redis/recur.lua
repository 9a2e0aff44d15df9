#!lua name=recur
--[[
What a recur-server asks of Redis 7 for its sessions (--store redis://...). An
administrator loads it once, and again when the server asks for another version:

  redis-cli -x FUNCTION LOAD REPLACE < recur.lua

A row is a string under <prefix>s:<id>: three numbers of 8 bytes, little-endian
(epoch, step, keep_until in microseconds), then the snapshot. It expires on its
own when its time is over. <prefix>ids is a sorted set of the ids, all of score
0, for scans; ids of expired rows leave it little by little. One instance holds
all keys: this is not for Redis Cluster.

Numbers of 64 bits do not fit into one of Lua's: they are compared and counted
in halves. The rule of recur_commit is server/store/commit_rule.h.
]]

local VERSION = 2
local HEADER_BYTES = 24

local COMMITTED, FENCED, STALE, DAMAGED, GROWS, OVER = 0, 1, 2, 3, 4, 5

-- < 0, 0 or > 0, of numbers given by their halves.
local function compare(low_a, high_a, low_b, high_b)
  if high_a ~= high_b then return high_a - high_b end
  return low_a - low_b
end

local function version(keys, args)
  return VERSION
end

-- keys: the row. Returns it, or nil.
local function load_row(keys, args)
  local row = redis.call('GETRANGE', keys[1], 0, -1)
  if row == '' then return nil end
  return row
end

-- keys: the row. Raises its epoch by one and returns it as it is then, or nil.
local function claim(keys, args)
  local row = load_row(keys, args)
  if row == nil or #row < HEADER_BYTES then return row end
  local low, high = struct.unpack('<I4I4', row)
  low = low + 1
  if low == 2 ^ 32 then low, high = 0, (high + 1) % 2 ^ 32 end
  local epoch = struct.pack('<I4I4', low, high)
  redis.call('SETRANGE', keys[1], 0, epoch)
  return epoch .. string.sub(row, 9)
end

-- What becomes of a row, given the head of the one that is there.
local function judge(there, row, create)
  if there == '' then return COMMITTED end
  if type(there) ~= 'string' or #there < 16 then return DAMAGED end
  local epoch_low, epoch_high, step_low, step_high =
    struct.unpack('<I4I4I4I4', there)
  local low, high, row_step_low, row_step_high =
    struct.unpack('<I4I4I4I4', row)
  local order = compare(epoch_low, epoch_high, low, high)
  if order > 0 or (create and order ~= 0) then return FENCED end
  if order == 0 and
     compare(step_low, step_high, row_step_low, row_step_high) > 0 then
    return STALE
  end
  return COMMITTED
end

-- Takes ids without a row out of some drawn ones. Two are drawn for every one
-- that comes in, so that at most about half are of rows that are gone.
local function sweep(ids, row_prefix, count)
  for _, id in ipairs(redis.call('ZRANDMEMBER', ids, count)) do
    if redis.call('EXISTS', row_prefix .. id) == 0 then
      redis.call('ZREM', ids, id)
    end
  end
end

-- Milliseconds since the epoch.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function commit_rows(keys, args, may_grow)
  local row_prefix = args[1]
  local now = now()
  local outcomes = {}
  local begun = 0
  for i = 2, #keys do
    local place = 3 * (i - 2) + 2
    local key, row = keys[i], args[place]
    local there = redis.pcall('GETRANGE', key, 0, 15)
    local outcome = judge(there, row, args[place + 2] == '1')
    if outcome == COMMITTED and tonumber(args[place + 1]) <= now then
      outcome = OVER
    elseif outcome == COMMITTED and not may_grow and
           #row > redis.call('STRLEN', key) then
      outcome = GROWS
    end
    if outcome == COMMITTED then
      redis.call('SET', key, row, 'PXAT', args[place + 1])
      if there == '' then
        redis.call('ZADD', keys[1], 0, string.sub(key, #row_prefix + 1))
        begun = begun + 1
      end
    end
    outcomes[i - 1] = outcome
  end
  sweep(keys[1], row_prefix, 1 + 2 * begun)
  return outcomes
end

-- keys: the ids, then the rows. args: what stands before the id in the name of
-- a row; then for each row its bytes, when it expires (milliseconds), and "1"
-- if a session begins with it, else "0". Returns the outcome of each.
local function commit(keys, args)
  return commit_rows(keys, args, true)
end

-- The same for a Redis at its maxmemory: takes only what is no longer than the
-- row that is there, as of a session that ends.
local function commit_when_full(keys, args)
  return commit_rows(keys, args, false)
end

-- keys: the ids. args: the id to begin after, or ''; how many at most.
local function scan(keys, args)
  local from = args[1] == '' and '-' or '(' .. args[1]
  return redis.call('ZRANGE', keys[1], from, '+', 'BYLEX', 'LIMIT', 0, args[2])
end

local function register(name, callback, flags)
  redis.register_function{
    function_name = name, callback = callback, flags = flags}
end

register('recur_version', version, {'no-writes'})
register('recur_load', load_row, {'no-writes'})
register('recur_scan', scan, {'no-writes'})
register('recur_claim', claim, {'allow-oom'})
register('recur_commit', commit, {})
register('recur_commit_when_full', commit_when_full, {'allow-oom'})
