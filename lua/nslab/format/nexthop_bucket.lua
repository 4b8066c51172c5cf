-- nexthop_bucket: as ip nexthop bucket prints it.

local M = {}

function M.one(bucket)
  local text = ("id %d index %d idle_time %.6g nhid %d")
               :format(bucket.id, bucket.index, bucket.idle_time, bucket.nhid)
  return table.concat({ text, table.unpack(bucket.flags) }, " ")
end

return M
