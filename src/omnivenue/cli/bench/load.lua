-- What wrk sends, and what it says of it at last: one line of JSON. The token is in the environment.
local sent = 0

function init(_)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("OMNIVENUE_TOKEN")
end

function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, '{"kind":"order","instrument":"BINANCE-SPOT:SPOT_PAIR:BTC-USDT",'
    .. '"side":"buy","qty":"0.0002","price":"59000","id":"load-' .. sent .. '"}')
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"requests": %d, "us": %d, "failed": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
