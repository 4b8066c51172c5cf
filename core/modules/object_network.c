/* object_network: what filters ask of networks - whether one lies in another, which routing table
 * the links of a vrf have. */
#include "modules/object.h"
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* The network that the text at idx names; "default" is that of all addresses. */
static bool read_prefix(lua_State *L, int idx, int family, struct schema_prefix *ret)
{
  const char *s = lua_tostring(L, idx);
  *ret = (struct schema_prefix){.family = family};
  return s && (strcmp(s, "default") == 0 || schema_parse_prefix(s, ret) == 0);
}

/* Whether the first `bits` bits are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
  int whole = bits / 8, rest = bits % 8;
  return memcmp(a, b, (size_t)whole) == 0 &&
         (rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0);
}

bool object_lies_in(lua_State *L, int inner, int outer, int record)
{
  struct schema_prefix in, out;
  inner = lua_absindex(L, inner);
  outer = lua_absindex(L, outer);
  lua_getfield(L, record, "family");
  bool is_6 = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "inet6") == 0;
  int family = is_6 ? AF_INET6 : AF_INET;
  lua_pop(L, 1);
  return read_prefix(L, inner, family, &in) && read_prefix(L, outer, family, &out) &&
         in.family == out.family && in.len >= out.len &&
         same_bits(in.addr.s6_addr, out.addr.s6_addr, out.len);
}

static const struct nlattr *inside(const struct nlattr *nest, uint16_t type)
{
  return nest ? schema_next_attr(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), NULL,
                                 type)
              : NULL;
}

uint32_t object_vrf_table(struct nl_sock *s, uint32_t ifindex)
{
  _Alignas(8) char buf[64] = "";
  struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
  const struct nlmsghdr *msg;
  struct nl_answer answer;
  nlh->nlmsg_type = RTM_GETLINK;
  nlh->nlmsg_flags = NLM_F_REQUEST;
  ((struct ifinfomsg *)mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg)))->ifi_index =
      (int)ifindex;
  if (nl_get(s, nlh, &msg, &answer) != 0)
    return 0;
  const struct nlattr *info = object_attr(msg, sizeof(struct ifinfomsg), IFLA_LINKINFO, 0);
  const struct nlattr *kind = inside(info, IFLA_INFO_KIND);
  const struct nlattr *table = inside(inside(info, IFLA_INFO_DATA), IFLA_VRF_TABLE);
  bool is_vrf = kind && mnl_attr_get_payload_len(kind) >= sizeof "vrf" &&
                strcmp(mnl_attr_get_str(kind), "vrf") == 0;
  return is_vrf && table && mnl_attr_get_payload_len(table) >= sizeof(uint32_t)
             ? mnl_attr_get_u32(table)
             : 0;
}
