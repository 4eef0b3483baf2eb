"""What headers and labels of a table of counts mean, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from citytech_data.ingest.formats import header_key
from citytech_data.messages import message_text
from citytech_data.vocabulary import ALL, TECHNOLOGIES

CITY, CODE, PROVINCE = message_text("city"), message_text("code"), message_text("province")
YEAR, TECHNOLOGY = message_text("year"), message_text("technology")
COUNT, SUM = message_text("count"), message_text("sum")

_ROLES: Final = {
    CITY: "city place metro prefecture region location area 城市 地市 市 地级市 地区 区域 所在城市 "
    "申请人城市 申请人所在城市 第一申请人城市 城市名称 地区名称 applicantcity cityname 地域",
    CODE: "code citycode 代码 城市代码 行政区划代码 区划代码 地区代码 gbcode",
    PROVINCE: "province provincename 省份 省 省市 所属省份 所在省份 申请人省份",
    YEAR: "year 年份 年 年度 申请年 申请年份 公开年 公开年份 授权年 授权年份 统计年份 "
    "applicationyear filingyear publicationyear grantyear",
    TECHNOLOGY: "technology tech field technologyfield topic 技术 技术领域 领域 技术类别 技术分类 "
    "技术方向 数字技术",
    COUNT: "count counts number applications patents patentapplications patentcount "
    "patentscount countofpatents numberofpatents numberofapplications applicationcount documents "
    "documentcount families familycount grants 数量 专利数量 申请量 专利申请量 件数 申请数 专利数 "
    "专利量 文献量 文献数量 公开量 授权量 专利申请数 专利申请数量 申请数量 授权数量 "
    "发明专利申请量 专利件数",
    SUM: "合计 总计 小计 总和 总数 总量 total sum subtotal grandtotal totals",
}
_ROLE_OF: Final = {word: role for role, words in _ROLES.items() for word in words.split()}
_NATIONAL: Final = frozenset(
    {"全国", "中国", "全国总计", "全国合计", "china", "cn", "national", "nationwide"}
)
_ALL_TECHNOLOGIES: Final = (
    "all alltechnologies digital digitaltechnology 全部 全部技术 所有技术 数字技术"
)
_TECHNOLOGY_WORDS: Final = {
    "ai": "ai artificialintelligence 人工智能 人工智能技术",
    "blockchain": "blockchain 区块链 区块链技术",
    "cloud": "cloud cloudcomputing 云计算 云计算技术",
    "bigdata": "bigdata 大数据 大数据技术",
    "iot": "iot internetofthings 物联网 物联网技术",
    ALL: _ALL_TECHNOLOGIES,
}
_TECHNOLOGY_OF: Final = {
    word: technology for technology, words in _TECHNOLOGY_WORDS.items() for word in words.split()
}
_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?:年度|年份|年)?")
_NOTHING = re.compile(
    r"^(?:[-—–―./\\*\s]*|null|none|nan|n/?a|无|未知|不详|暂无|缺失)$", re.IGNORECASE
)


class Slice(NamedTuple):
    """What a column of a wide table counts; None where the header does not say."""

    year: int | None = None
    technology: str | None = None
    city: str | None = None
    """A place as the header writes it."""


def key(text: str) -> str:
    """Return a header or label as it is compared: without what stands in brackets."""
    return header_key(without_brackets(text))


def without_brackets(header: str) -> str:
    """Return a header without what stands in brackets."""
    return _BRACKETS.sub("", header).strip()


def role(header: str) -> str | None:
    """Return what a column holds by its header, None if that is not known."""
    return _ROLE_OF.get(key(header))


def wide(header: str) -> Slice | None:
    """Return the year, the technology or both that a column of counts is headed by."""
    found = _YEAR.search(header)
    rest = key(_YEAR.sub("", header, count=1))
    technology = _TECHNOLOGY_OF.get(rest)
    if technology is None and rest:
        without = next((rest[: -len(w)] for w in _counts() if rest.endswith(w) and w != rest), rest)
        technology = _TECHNOLOGY_OF.get(without)
    plain = not rest or _ROLE_OF.get(rest) == COUNT
    if found is None:
        return Slice(None, technology) if technology else None
    return Slice(int(found[1]), technology) if technology or plain else None


def _counts() -> list[str]:
    return sorted((word for word, each in _ROLE_OF.items() if each == COUNT), key=len, reverse=True)


def is_sum(label: str) -> bool:
    """Whether a row with this label sums up others."""
    return _ROLE_OF.get(key(label)) == SUM


def is_national(label: str) -> bool:
    """Whether a row with this label is about the whole country."""
    return key(label) in _NATIONAL


def is_nothing(cell: str) -> bool:
    """Whether a cell says that nothing is known."""
    return _NOTHING.match(cell) is not None


def technology(cell: str) -> str | None:
    """Return the technology that a cell names, None if it is none of those known."""
    return _TECHNOLOGY_OF.get(key(cell))


def year(cell: str) -> int | None:
    """Return the year that a cell holds, None if it holds none."""
    found = re.fullmatch(r"(?:FY)?((?:18|19|20|21)\d\d)(?:\.0+|年度|年份|年)?", cell)
    return int(found[1]) if found else None


KNOWN_TECHNOLOGIES: Final = ", ".join(TECHNOLOGIES)
