"""Makes the sample data and sample lists of this policy set: python3 make.py [POL], from this folder

Everything is invented except the names of the cities and counties of Shandong. The generator is seeded,
so a second run writes the same bytes. The files look like an office's exports: Chinese headers with
units, dates in two spellings, blanks, values thrown at and around every boundary of the policy, and in
qiye.csv a handful of rows that cannot be read (they belong in the rejects file).

    qiye.csv      Enterprise  about 400 rows, 8 of them bad
    cities.csv    City        the 16 cities, two of them tied
    counties.csv  County      the 137 counties and districts of early 2020, in GB18030
    plants.csv    PowerPlant  120 rows
    projects.csv  Project     240 rows
    loans.csv     Loan        300 rows

The lists of the decree (1,268 key enterprises, 1,021 key projects, 274 projects of the white list) are not public in
full; ../lists/ holds samples of the same length, with firms and projects of the samples among invented ones.

Every other kind of record, and the columns that these six have beyond, come from profiles.py, which has a function
for each kind; columns and their units are those that `pol schema` gives (POL is the program, `pol` where none is
named). The state of things is that of 31 March 2020, but for the cities, whose foreign capital is that of half a year.
"""

import collections
import csv
import datetime
import io
import json
import pathlib
import random
import re
import subprocess
import sys
from decimal import Decimal

sys.dont_write_bytecode = True

from profiles import PROFILES, UNITS, between, blank, day, plain, written, yes  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20200229

CITIES = {
    "济南市": "历下区 市中区 槐荫区 天桥区 历城区 长清区 章丘区 济阳区 莱芜区 钢城区 平阴县 商河县",
    "青岛市": "市南区 市北区 黄岛区 崂山区 李沧区 城阳区 即墨区 胶州市 平度市 莱西市",
    "淄博市": "淄川区 张店区 博山区 临淄区 周村区 桓台县 高青县 沂源县",
    "枣庄市": "市中区 薛城区 峄城区 台儿庄区 山亭区 滕州市",
    "东营市": "东营区 河口区 垦利区 利津县 广饶县",
    "烟台市": "芝罘区 福山区 牟平区 莱山区 龙口市 莱阳市 莱州市 蓬莱市 招远市 栖霞市 海阳市 长岛县",
    "潍坊市": "潍城区 寒亭区 坊子区 奎文区 临朐县 昌乐县 青州市 诸城市 寿光市 安丘市 高密市 昌邑市",
    "济宁市": "任城区 兖州区 微山县 鱼台县 金乡县 嘉祥县 汶上县 泗水县 梁山县 曲阜市 邹城市",
    "泰安市": "泰山区 岱岳区 宁阳县 东平县 新泰市 肥城市",
    "威海市": "环翠区 文登区 荣成市 乳山市",
    "日照市": "东港区 岚山区 五莲县 莒县",
    "临沂市": "兰山区 罗庄区 河东区 沂南县 郯城县 沂水县 兰陵县 费县 平邑县 莒南县 蒙阴县 临沭县",
    "德州市": "德城区 陵城区 宁津县 庆云县 临邑县 齐河县 平原县 夏津县 武城县 乐陵市 禹城市",
    "聊城市": "东昌府区 茌平区 阳谷县 莘县 东阿县 冠县 高唐县 临清市",
    "滨州市": "滨城区 沾化区 惠民县 阳信县 无棣县 博兴县 邹平市",
    "菏泽市": "牡丹区 定陶区 曹县 单县 成武县 巨野县 郓城县 鄄城县 东明县",
}

# 行业:(从业人员、营业收入(万元)、资产总额(万元)的大、中、小型下限;没有的指标为 None)
INDUSTRIES = {
    "农林牧渔业": (None, (20000, 500, 50), None),
    "工业": ((1000, 300, 20), (40000, 2000, 300), None),
    "建筑业": (None, (80000, 6000, 300), (80000, 5000, 300)),
    "批发业": ((200, 20, 5), (40000, 5000, 1000), None),
    "零售业": ((300, 50, 10), (20000, 500, 100), None),
    "交通运输业": ((1000, 300, 20), (30000, 3000, 200), None),
    "仓储业": ((200, 100, 20), (30000, 1000, 100), None),
    "邮政业": ((1000, 300, 20), (30000, 2000, 100), None),
    "住宿业": ((300, 100, 10), (10000, 2000, 100), None),
    "餐饮业": ((300, 100, 10), (10000, 2000, 100), None),
    "信息传输业": ((2000, 100, 10), (100000, 1000, 100), None),
    "软件和信息技术服务业": ((300, 100, 10), (10000, 1000, 50), None),
    "房地产开发经营": (None, (200000, 1000, 100), (10000, 5000, 2000)),
    "物业管理": ((1000, 300, 100), (5000, 1000, 500), None),
    "租赁和商务服务业": ((300, 100, 10), None, (120000, 8000, 100)),
    "其他未列明行业": ((300, 100, 10), None, None),
}
UNIT_KINDS = ["企业"] * 88 + ["社会团体"] * 3 + ["民办非企业单位"] * 3 + ["机关"] * 2 + ["事业单位"] * 4
MARKETS = ["新兴市场", "一带一路沿线国家", "其他市场"]

# 登记管理部门和机构类别,即代码的前两位
REGISTRARS = {"企业": "91", "社会团体": "51", "民办非企业单位": "52", "机关": "11", "事业单位": "12"}
CODE_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def check_digit(text, alphabet, factors, modulus):
    total = sum(alphabet.index(c) * f for c, f in zip(text, factors))
    return (modulus - total % modulus) % modulus


def credit_code(rng, kind):
    """A well-formed code of 18 characters; district 379900 does not exist, so no real unit has it."""
    body = "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(8))
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    digit = check_digit(body, letters, (3, 7, 9, 10, 5, 8, 4, 2), 11)
    first = REGISTRARS[kind] + "379900" + body + "0123456789X"[digit]
    last = check_digit(first, CODE_DIGITS, [pow(3, i, 31) for i in range(17)], 31)
    return first + CODE_DIGITS[last]


def write(name, header, rows, encoding="utf-8"):
    with open(HERE / name, "w", encoding=encoding, newline="") as file:
        out = csv.writer(file, lineterminator="\r\n" if encoding == "gb18030" else "\n")
        out.writerow(header)
        out.writerows(rows)


# ------------------------------------------------------------------------------------------- qiye.csv

QIYE_HEADER = [
    "序号", "统一社会信用代码", "企业名称", "所属行业", "单位性质", "从业人员(人)", "营业收入(万元)", "资产总额(万元)",
    "养老保险单位月缴费(元)", "工伤保险单位月缴费(元)", "失业保险单位月缴费(元)", "生产经营困难",
    "复工日期", "新吸纳就业人数(人)", "劳动合同期限(个月)", "缴纳社会保险",
    "省级扶贫龙头企业", "受疫情影响经营困难", "申请补贴金额(万元)",
    "出口市场", "出口信用险保费(元)", "应缴担保费(元)", "疫情期间新增担保",
    "亏损年度", "困难行业企业", "年出栏(头)", "生猪养殖贷款利息(元)",
]
BOUNDARY_DAYS = [datetime.date(2020, 2, 9), datetime.date(2020, 2, 10), datetime.date(2020, 2, 29),
                 datetime.date(2020, 3, 9), datetime.date(2020, 3, 10)]


def scale(rng, bounds, people):
    """A size indicator: at a lower bound, just below or above it, or anywhere near."""
    if bounds is None:
        middle = 40 if people else 1500
    else:
        middle = rng.choice(bounds)
        step = Decimal(1) if people else Decimal("0.0001")
        pick = rng.random()
        if pick < 0.36:
            return Decimal(middle) + step * rng.choice((-1, 0, 1))
    value = Decimal(repr(rng.lognormvariate(0, 0.9))) * middle
    return value.quantize(Decimal(1) if people else Decimal("0.01"))


def enterprise(rng, number):
    industry = rng.choice(list(INDUSTRIES) + ["农林牧渔业"] * 3)
    people, revenue, assets = INDUSTRIES[industry]
    employees = max(Decimal(1), scale(rng, people, True))
    farm = industry == "农林牧渔业"
    kind = rng.choice(UNIT_KINDS)

    def due(rate):
        share = Decimal(rng.randrange(7000, 13000)) / 10000
        return (employees * rate * share).quantize(Decimal("0.01"))

    date = rng.choice(BOUNDARY_DAYS) if rng.random() < 0.3 else between(
        rng, datetime.date(2020, 1, 28), datetime.date(2020, 4, 10))
    leader = rng.random() < 0.12
    exporter = rng.random() < 0.35
    premium = Decimal(rng.choice((0, 1, 5, 15))) / 100 if rng.random() < 0.15 else \
        (Decimal(repr(rng.lognormvariate(10.3, 1.1)))).quantize(Decimal("0.01"))
    requested = rng.choice(("50", "49.999999", "50.000001", "0")) if rng.random() < 0.4 else \
        plain((Decimal(rng.randrange(1, 9000)) / 100).quantize(Decimal("0.01")))
    pigs = rng.choice((0, 120, 499, 500, 501, 800, 4999, 5000, 5001, 12000))
    guarantee = farm and rng.random() < 0.7
    return [
        str(number), credit_code(rng, kind), f"样例{rng.choice('甲乙丙丁戊己庚辛')}{number:03d}号单位",
        blank(rng, industry, 0.02), blank(rng, kind, 0.02),
        blank(rng, plain(employees), 0.07), blank(rng, plain(scale(rng, revenue, False)), 0.07),
        blank(rng, plain(scale(rng, assets, False)), 0.07),
        blank(rng, plain(due(800)), 0.02), blank(rng, plain(due(20)), 0.02), blank(rng, plain(due(35)), 0.02),
        blank(rng, yes(rng, 0.35), 0.03),
        blank(rng, day(rng, date), 0.03), blank(rng, str(rng.choice((0, 0, 1, 2, 3, 5, 8, 20))), 0.03),
        blank(rng, str(rng.choice((0, 3, 6, 11, 12, 13, 24, 36))), 0.04), blank(rng, yes(rng, 0.85), 0.02),
        "是" if leader else "否", blank(rng, yes(rng, 0.5), 0.03),
        blank(rng, requested, 0.06) if leader else "",
        blank(rng, rng.choice(MARKETS), 0.05) if exporter else "", plain(premium) if exporter else "0",
        plain((Decimal(rng.randrange(1, 2000001)) / 100)) if guarantee else "0",
        yes(rng, 0.7) if guarantee else "否",
        str(rng.choice((2018, 2019, 2020, 2020, 2020))) if rng.random() < 0.5 else "", yes(rng, 0.3),
        blank(rng, str(pigs), 0.08) if farm else "0",
        plain(Decimal(rng.randrange(0, 30000000)) / 100) if farm and pigs else "",
    ]


def bad_rows(rng, rows):
    """Rows that cannot be read, each for another reason, among the good ones."""
    column = {name: at for at, name in enumerate(QIYE_HEADER)}
    changes = [
        ("从业人员(人)", "约30"), ("营业收入(万元)", "12o0"), ("所属行业", "互联网+"), ("缴纳社会保险", "部分"),
        ("复工日期", "2020年2月30日"), ("新吸纳就业人数(人)", "-2"), ("应缴担保费(元)", "100.005"),
    ]
    for at, (name, text) in enumerate(changes):
        row = enterprise(rng, 900 + at)
        row[column[name]] = text
        rows.insert(37 + 51 * at, row)
    again = list(rows[20])
    again[0], again[2] = "990", "样例重复登记单位"
    rows.insert(333, again)
    for number, row in enumerate(rows, 1):
        row[0] = str(number)


def qiye(rng):
    rows = [enterprise(rng, number) for number in range(1, 401)]
    bad_rows(rng, rows)
    write("qiye.csv", QIYE_HEADER, rows)


# ------------------------------------------------------------------------------------- cities, counties

def cities():
    """Two cities share place 3, place 7 has exactly the average growth (2.5%), place 8 comes too late."""
    figures = {
        "青岛市": ("312480.55", "8.2"), "济南市": ("118320", "15.6"), "烟台市": ("97250.4", "6.05"),
        "潍坊市": ("97250.4", "0"), "威海市": ("61003.28", "2.4999"), "日照市": ("45780", "11.3"),
        "济宁市": ("40126.9", "2.5"), "淄博市": ("35500", "9.75"), "临沂市": ("30214.77", "4.2"),
        "德州市": ("21890.3", "-3.4"), "泰安市": ("20145", "1.8"), "东营市": ("18760.12", "-6.25"),
        "菏泽市": ("15990", "3.6"), "滨州市": ("12345.67", "-9.1"), "聊城市": ("9870.5", "-4.0999"),
        "枣庄市": ("8001", None),
    }
    known = sum(Decimal(growth) for _, growth in figures.values() if growth)
    rest = Decimal("2.5") * len(figures) - known
    rows = [[city, figures[city][0], figures[city][1] or plain(rest)] for city in CITIES]
    write("cities.csv", ["市名", "上半年实际使用外资(万美元)", "外资增幅(%)"], rows)


def county(rng, city, name):
    pick = rng.random()
    if pick < 0.2:
        cases, days = 0, ""
    elif pick < 0.6:
        cases, days = rng.randrange(1, 50), rng.choice((13, 14, 15, 16, 19, 22, 25, 30))
    else:
        cases, days = rng.choice((1, 2, 5, 12, 30, 49, 50, 51, 52, 80)), rng.randrange(0, 16)
    cluster = "是" if cases and days != "" and days < 14 and rng.random() < 0.4 else "否"
    days = blank(rng, str(days), 0.04)
    return [city + name, city, blank(rng, str(cases), 0.03), days, blank(rng, cluster, 0.04),
            rng.choice(("", "", "", "已核"))]


def counties(rng):
    rows = [county(rng, city, name) for city, names in CITIES.items() for name in names.split()]
    header = ["县名", "所属市", "累计确诊病例(例)", "连续无新增天数(天)", "14天内聚集性疫情", "备注"]
    write("counties.csv", header, rows, encoding="gb18030")


# --------------------------------------------------------------------------- plants, projects and loans

def plants(rng):
    rows = []
    for number in range(1, 121):
        days = rng.choice(("9.9", "10", "10.1", "9.999", "0", "20", "19.5")) if rng.random() < 0.4 else \
            plain(Decimal(rng.randrange(10, 320)) / 10)
        rows.append([f"样例第{number:03d}电厂", blank(rng, days, 0.05), blank(rng, yes(rng, 0.45), 0.05),
                     blank(rng, yes(rng, 0.6), 0.05)])
    write("plants.csv", ["电厂", "电煤库存可用天数(天)", "承担供热任务", "统调电厂"], rows)


def projects(rng):
    rows = []
    for number in range(1, 241):
        capital = rng.choice(("500", "499.9999", "499.999999", "500.0001", "0")) if rng.random() < 0.35 else \
            plain(Decimal(repr(rng.lognormvariate(6, 1.2))).quantize(Decimal("0.01")))
        rows.append([f"SD2020-{number:04d}", blank(rng, capital, 0.04), blank(rng, yes(rng, 0.6), 0.04)])
    write("projects.csv", ["项目编号", "实际使用外资（万美元）", "十强产业"], rows)


def loans(rng):
    kinds = ["扶贫小额信贷"] * 6 + ["富民生产贷"] * 3 + ["扶贫龙头企业贷款"] * 2 + ["其他"] * 2
    edges = [datetime.date(2020, 12, 30), datetime.date(2020, 12, 31), datetime.date(2021, 1, 1),
             datetime.date(2020, 2, 29)]
    rows = []
    for number in range(1, 301):
        due = rng.choice(edges) if rng.random() < 0.3 else between(
            rng, datetime.date(2020, 1, 15), datetime.date(2021, 6, 30))
        rows.append([f"DK{number:05d}", blank(rng, rng.choice(kinds), 0.03), blank(rng, day(rng, due), 0.03),
                     blank(rng, yes(rng, 0.55), 0.04)])
    write("loans.csv", ["贷款编号", "贷款种类", "到期日", "还款困难"], rows)


# ------------------------------------------------------------------------ the profiles, a row for each record

FILES = {"Enterprise": "qiye.csv", "City": "cities.csv", "County": "counties.csv", "PowerPlant": "plants.csv",
         "Project": "projects.csv", "Loan": "loans.csv"}
BLANKS, OFTEN = 0.03, 0.2


def schemas(pol):
    """What the policy says of its records: title, the headers of the fields by title, the title of the key."""
    def run(*arguments):
        done = subprocess.run([pol, "schema", str(HERE.parent), *arguments], check=True, capture_output=True)
        return done.stdout.decode()

    records = {}
    for record in json.loads(run()):
        headers = next(csv.reader(io.StringIO(run("--record", record["$id"], "--format", "csv"))))
        titles = [field["title"] for field in record["properties"].values()]
        key = record["properties"][record["required"][0]]["title"]
        records[record["$id"]] = (record["title"], dict(zip(titles, headers)), key)
    return records


def title_of(column):
    return re.sub("[(\uff08].*", "", column)


def header_of(title, header):
    return f"{title}({UNITS[title]})" if title in UNITS else header


def cells(rng, profile, number, known):
    """The values of one record as an office writes them, now and then a blank."""
    def share(title):
        return 0 if title in profile.kept or "*" in profile.kept else OFTEN if title in profile.often else BLANKS

    values = profile.values(rng, number, known)
    return {title: blank(rng, written(rng, value), share(title)) for title, value in values.items()}


def key(record, title, number):
    if record == "Province":
        return "山东省"
    if record == "DailySupply":
        return (datetime.date(2020, 1, 12) + datetime.timedelta(days=number - 1)).isoformat()
    return f"样例{title}{number:04d}"


def risk_tiers(rows):
    """The tier of each county, where it is told without doubt."""
    tiers = {}
    for row in rows:
        cases, since = row["累计确诊病例"], row["连续无新增天数"]
        if cases and since and row["14天内聚集性疫情"] and int(cases) and int(since) < 14:
            tiers[row["县名"]] = "高风险" if int(cases) > 50 and row["14天内聚集性疫情"] == "是" else "中风险"
    return tiers


def widen(record, headers):
    """Adds the columns that a file made by hand does not have; gives its rows by the titles of the columns."""
    name, rng, profile = FILES[record], random.Random(f"{SEED} {record}"), PROFILES.get(record)
    encoding = "gb18030" if name == "counties.csv" else "utf-8"
    with open(HERE / name, encoding=encoding, newline="") as file:
        columns, *rows = list(csv.reader(file))
    rows = [dict(zip(map(title_of, columns), row)) for row in rows]
    more = [title for title in headers if title not in rows[0]]
    seen = collections.Counter()
    for number, row in enumerate(rows, 1):
        if profile is None:
            continue
        if record == "Enterprise":
            number = seen[row["所属行业"]]
            seen[row["所属行业"]] += 1
        row |= cells(rng, profile, number, row)
    header = columns + [header_of(title, headers[title]) for title in more]
    write(name, header, [[row[title_of(column)] for column in header] for row in rows], encoding)
    return rows


def from_profiles(pol):
    """The other columns of the files made by hand, and every other kind of record as a file of its own."""
    records = schemas(pol)
    made = {record: widen(record, records[record][1]) for record in FILES}
    world = {records[record][0]: [row[records[record][2]] for row in rows] for record, rows in made.items()}
    world["县的风险等级"] = risk_tiers(made["County"])
    world["好企业"] = [row for row in made["Enterprise"] if re.fullmatch("样例.[0-8]..号单位", row["企业名称"])]
    rest = {record: parts for record, parts in records.items() if record not in FILES}
    for record, (title, _, _) in rest.items():
        world[title] = [key(record, title, number) for number in range(1, PROFILES[record].rows + 1)]
    for record, (title, headers, key_title) in rest.items():
        rng, profile = random.Random(f"{SEED} {record}"), PROFILES[record]
        rows = []
        for number, name in enumerate(world[title], 1):
            row = {key_title: name} | cells(rng, profile, number, world)
            rows.append([row[field] for field in headers])
        write(f"{kebab(record)}.csv", [header_of(*field) for field in headers.items()], rows)


def lists():
    """Lists of the length that the decree names, of sample keys and invented ones."""
    folder = HERE.parent / "lists"
    folder.mkdir(exist_ok=True)
    rng = random.Random(f"{SEED} lists")
    with open(HERE / "qiye.csv", encoding="utf-8", newline="") as file:
        firms = [(row["统一社会信用代码"], row["企业名称"]) for row in csv.DictReader(file) if row["所属行业"] == "工业"]
    firms = list(dict(firms).items())
    while len(firms) < 1268:
        firms.append((credit_code(rng, "企业"), f"样例名录{len(firms) + 1:04d}号企业"))
    projects = [f"SD2020-{number:04d}" for number in range(1, 241) if number % 3] + \
        [f"SDZD-{number:04d}" for number in range(1, 862)]
    white = [f"SD2020-{number:04d}" for number in range(1, 241) if number % 5 == 0] + \
        [f"SDBMD-{number:04d}" for number in range(1, 227)]

    def save(name, header, rows):
        with open(folder / name, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(header)
            out.writerows(rows)

    save("key-industrial-sample.csv", ["统一社会信用代码", "企业名称"], sorted(firms))
    save("provincial-key-sample.csv", ["项目编号"], [[number] for number in projects])
    save("white-list-sample.csv", ["项目编号"], [[number] for number in white])


def kebab(name):
    return re.sub("(?<!^)([A-Z])", r"-\1", name).lower()


if __name__ == "__main__":
    qiye(random.Random(SEED))
    cities()
    counties(random.Random(SEED + 1))
    plants(random.Random(SEED + 2))
    projects(random.Random(SEED + 3))
    loans(random.Random(SEED + 4))
    lists()
    from_profiles(sys.argv[1] if len(sys.argv) > 1 else "pol")
