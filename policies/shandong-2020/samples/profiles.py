"""What a record of each kind looks like: a function for each, which make.py turns into rows

A profile gives the values of one record by the titles of its fields, so that they fit together: nobody is an orphan
and a civil servant, a patient who was not discharged is not followed up, a firm that exports nothing pays no premium
for it. The state of things is that of SNAPSHOT: what is done is done by then, what is still to come has no day. Values
at the boundaries of the policy are drawn on purpose. None is a blank that belongs there; make.py adds those that
offices leave: none in the columns that are `kept` (totals over all records would not be known for one blank), more in
those that are left blank `often`.
"""

import datetime
from collections import namedtuple
from decimal import Decimal

SNAPSHOT = datetime.date(2020, 3, 31)
Profile = namedtuple("Profile", "values rows kept often")
PROFILES = {}

# Units of the columns, where they are not those of the schema.
UNITS = {
    "综合融资成本": "%", "上年普惠小微贷款综合融资成本": "%", "鲜活农产品装载比例": "%",
    "全年完成投资": "亿元", "核定动用数额": "万元", "单户授信总额": "万元", "小微贷款余额": "万元", "贷款余额": "万元",
    "小微企业贷款损失": "万元", "核定数额": "万元", "省级投入消费引导资金": "万元", "市级投入消费引导资金": "万元",
    "县级投入消费引导资金": "万元", "新增产能技术改造设备投资": "万元",
}


# ------------------------------------------------------------------------------ values as offices write them

def day(rng, date):
    """A date as offices write it."""
    if rng.random() < 0.5:
        return f"{date.year}/{date.month}/{date.day}"
    return f"{date.year}年{date.month}月{date.day}日"


def between(rng, first, last):
    return first + datetime.timedelta(days=rng.randrange((last - first).days + 1))


def yes(rng, share):
    return "是" if rng.random() < share else "否"


def blank(rng, text, share):
    return "" if rng.random() < share else text


def plain(value):
    """A decimal without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(rng, value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, datetime.date):
        return day(rng, value)
    return value if isinstance(value, str) else plain(Decimal(value))


def amount(rng, middle, places="0.01"):
    """Money around a middle value, with a long tail."""
    return (Decimal(repr(rng.lognormvariate(0, 0.8))) * middle).quantize(Decimal(places))


def days(number):
    return datetime.timedelta(days=number)


def by_then(date):
    """A day of which nothing is known yet is blank."""
    return date if date is not None and date <= SNAPSHOT else None


def chance(rng):
    return lambda share: rng.random() < share


def weighted(rng, shares):
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def profile(record, rows=80, kept=(), often=()):
    def enter(values):
        PROFILES[record] = Profile(values, rows, set(kept), set(often))
        return values
    return enter


def date(month, number):
    return datetime.date(2020, month, number)


# ------------------------------------------------------------------------------------------- articles 1 to 5

@profile("Traveller")
def traveller(rng, number, world):
    c = chance(rng)
    at_checkpoint = c(0.85)
    inspected = at_checkpoint and c(0.88)
    return {"经进京检查点": at_checkpoint, "外出人员": c(0.75), "已关口检查": inspected,
            "已测体温": at_checkpoint and c(0.95 if inspected else 0.5)}


@profile("Checkpoint", rows=11, kept=["正在运行"])
def checkpoint(rng, number, world):
    return {"正在运行": True}


@profile("DailySupply")
def daily_supply(rng, number, world):
    """The 80 days up to the snapshot; the total at, just below and just above 2,500 tons now and then."""
    edge = rng.choice((Decimal("2500"), Decimal("2499.9"), Decimal("2500.1"), None, None, None))
    hubei, beijing = Decimal(rng.randrange(4000, 11000)) / 10, Decimal(rng.randrange(6000, 13000)) / 10
    shanghai = edge - hubei - beijing if edge else Decimal(rng.randrange(3000, 11000)) / 10
    return {"运往湖北蔬菜": hubei, "运往北京蔬菜": beijing, "运往上海蔬菜": shanghai}


@profile("Facility", kept=["属济宁特殊区域", "死亡人数", "新增感染人数"])
def facility(rng, number, world):
    """The first eight are those of the special area: nobody died, two were infected anew."""
    c = chance(rng)
    special = number <= 8
    kind = ("监狱" if number <= 6 else "被监管人员救治医院") if special else weighted(rng, {
        "监狱": 4, "拘留所": 3, "看守所": 5, "戒毒所": 3, "强制治疗所": 2, "其他监管场所": 1, "被监管人员救治医院": 2,
        "其他医院": 4})
    custody = "医院" not in kind
    return {"种类": kind, "属济宁特殊区域": special, "死亡人数": 0, "新增感染人数": 1 if number in (2, 5) else 0,
            "已全面排查": c(0.85) if custody else False, "实行证件化管理": c(0.85) if kind != "其他医院" else c(0.2)}


@profile("Inmate")
def inmate(rng, number, world):
    special = rng.random() < 0.55
    return {"在济宁特殊区域": special, "单间隔离": rng.random() < (0.85 if special else 0.1)}


@profile("Institution", often=["有专人负责防控", "已制定防控预案"])
def institution(rng, number, world):
    c = chance(rng)
    kind = weighted(rng, {"养老院": 5, "福利院": 3, "精神卫生中心": 2, "特殊学校": 2, "其他学校": 5, "其他机构": 2})
    school, listed = "学校" in kind, kind not in ("其他学校", "其他机构")
    return {"种类": kind, "全封闭管理": c(0.85) if listed else c(0.2), "有专人负责防控": c(0.85) if listed else None,
            "已制定防控预案": c(0.8) if school else None}


@profile("TransportHub")
def transport_hub(rng, number, world):
    c = chance(rng)
    kind = weighted(rng, {"机场": 1, "车站": 5, "码头": 2, "高速路口": 5, "服务区": 4, "其他交通场所": 4})
    other = kind == "其他交通场所"
    designated = c(0.5) if other else None
    bound = not other or designated
    return {"种类": kind, "认定应设留验站": designated, "设有留验站": c(0.8) if bound else False,
            "落实体温检测": c(0.9) if bound else c(0.4)}


@profile("Venue")
def venue(rng, number, world):
    """How full: at and about 50% and 75%, which the sample city sets, and now and then closed."""
    c = chance(rng)
    kind = weighted(rng, {"农贸市场": 4, "商场": 3, "超市": 5, "其他购物场所": 3, "其他公共场所": 4})
    capacity = rng.choice((60, 200, 400, 1000, 2500))
    share = rng.choice((0, 20, 35, 50, 50, 60, 75, 90))
    visitors = capacity * share // 100 + (rng.choice((0, 1)) if share else 0)
    business = c(0.95) if kind != "其他公共场所" else c(0.3)
    return {"种类": kind, "已整治环境卫生": c(0.9), "已消毒": c(0.92), "已通风": c(0.92), "核定容纳人数": capacity,
            "同时在场顾客": visitors, "已督促指导个人防护": c(0.9), "进出人员测体温": c(0.9), "可疑症状已及时处理": c(0.95),
            "经营场所": business, "符合当地销售规定": c(0.8) if business else None,
            "保证食品卫生安全": c(0.9) if business else None,
            "放行不戴口罩人数": (weighted(rng, {0: 6, 1: 1, 3: 1}) if visitors else 0) if business else None}


@profile("Hotel")
def hotel(rng, number, world):
    c = chance(rng)
    guests = 0 if c(0.1) else rng.randrange(3, 180)
    registered = guests if c(0.8) else max(0, guests - rng.choice((1, 1, 2)))
    from_key_area = 0 if c(0.35) else min(guests, rng.choice((1, 2, 3, 8)))
    screened = from_key_area if c(0.8) else max(0, from_key_area - 1)
    hours = Decimal(rng.choice(("0.5", "1", "1.5", "2", "2.5", "6", "24"))) if screened else None
    return {"入住旅客": guests, "已如实登记旅客": registered, "来自重点地区旅客": from_key_area,
            "已排查的重点地区旅客": screened, "最迟报告用时": hours}


def covid_patient(rng, c, diagnosis):
    confirmed = diagnosis == "确诊"
    transferable = c(0.9)
    meets = c(0.4) if confirmed else diagnosis != "疑似" or c(0.5)
    discharged = c(0.85) if meets else c(0.06)
    return {
        "在集中收治定点医院救治": (c(0.95) if transferable else c(0.2)) if confirmed else c(0.1),
        "具备转运条件": transferable,
        "预计出院日期": between(rng, date(3, 1), date(3, 30)) if discharged else rng.choice(
            (None, date(3, 31), date(4, 2), date(4, 3), date(4, 4), date(4, 12), date(4, 20))),
        "符合解除隔离和出院标准": meets, "已解除隔离出院": discharged, "已转至其他科室": not discharged and c(0.08),
        "已跟踪随访": c(0.88) if discharged else None, "已健康监测": c(0.92) if discharged else None,
    }


@profile("Patient", rows=120, often=["贫困群体", "长期就诊类别"])
def patient(rng, number, world):
    c = chance(rng)
    diagnosis = weighted(rng, {"确诊": 7, "疑似": 2, "在医疗机构留观": 2, "其他": 5})
    covid = diagnosis != "其他"
    special = weighted(rng, {"孕产妇": 2, "儿童": 2, "认定的其他特殊群体": 1, "不属特殊群体": 8})
    newborn = special == "儿童" and c(0.3)
    cost = amount(rng, 23000 if covid else 6000)
    share = (cost * rng.randrange(0, 35) / 100).quantize(Decimal("0.01"))
    if c(0.03):
        share = cost + 1
    listed = special != "不属特殊群体"
    values = {"诊断分类": diagnosis, "特殊群体": special}
    values |= covid_patient(rng, c, diagnosis) if covid else {
        "在集中收治定点医院救治": False, "具备转运条件": True, "预计出院日期": None, "符合解除隔离和出院标准": True,
        "已解除隔离出院": c(0.5), "已转至其他科室": c(0.1), "已跟踪随访": None, "已健康监测": None}
    return values | {
        "必要医疗费用": cost, "个人负担部分": share, "贫困群体": c(0.2), "急危重症": c(0.25),
        "长期就诊类别": "不属长期就诊" if covid or listed else weighted(rng, {
            "血液透析": 3, "老年常见病": 4, "认定的其他长期就诊": 1, "不属长期就诊": 3}),
        "新生儿": newborn, "执行诊疗规范": c(0.92) if listed else None, "执行转诊流程": c(0.92) if listed else None}


# ------------------------------------------------------------------------------------------ articles 6 to 13

@profile("Hospital", kept=["集中收治定点医院"])
def hospital(rng, number, world):
    """The first ten are those in which patients are concentrated."""
    c = chance(rng)
    concentrated = number <= 10
    designated = concentrated or number <= 25
    primary = not designated and c(0.6)
    total = amount(rng, 8_000_000 if primary else 150_000_000)
    covid = (total * rng.randrange(1, 40) / 100).quantize(Decimal("0.01")) if designated or c(0.25) else Decimal(0)
    if number == 40:
        covid = total + 10_000
    counted = max(total - covid, Decimal(0))
    counted += rng.choice((0, 0, 0, 0, Decimal("0.01"), covid)) if covid else 0
    return {"集中收治定点医院": concentrated, "定点救治医院": designated, "基层医疗机构": primary,
            "承担疫情防控任务": designated or (c(0.7) if primary else c(0.2)), "医疗费用合计": total,
            "新冠肺炎患者医疗费用": covid, "计入总额控制的费用": counted}


@profile("Product")
def product(rng, number, world):
    kind = weighted(rng, {"药品": 5, "医用耗材": 6, "其他": 2})
    return {"种类": kind, "疫情防控使用": rng.random() < 0.65}


@profile("MedicalWorker")
def medical_worker(rng, number, world):
    on_duty = rng.random() < 0.85
    return {"在岗": on_duty, "上岗前已接受防护培训": rng.random() < (0.9 if on_duty else 0.3)}


@profile("MedicalSite")
def medical_site(rng, number, world):
    c = chance(rng)
    cases = c(0.4)
    waste = cases or c(0.8)
    return {"产生医疗废物": waste, "收治确诊或疑似病例": cases, "分类收集": waste and c(0.93),
            "安全转运": waste and c(0.93), "规范化处置": waste and c(0.93), "已落实消杀": c(0.93) if cases else c(0.5),
            "废物废水已安全消毒": c(0.93) if cases else c(0.5), "认定达标排放": c(0.93) if cases else c(0.7)}


@profile("OffenceCase")
def offence_case(rng, number, world):
    c = chance(rng)
    market = ("制售假劣防疫用品", "哄抬物价", "囤积居奇", "其他扰乱市场秩序行为")
    wildlife = ("非法猎捕野生动物", "非法交易野生动物", "非法运输野生动物", "非法食用野生动物")
    kind = rng.choice(market + wildlife + ("电信网络诈骗", "电信网络诈骗", "编造传播谣言", "编造传播谣言", "编造传播谣言",
                                           "妨害疫情防控秩序", "伤害医务人员", "其他违法犯罪"))
    return {"种类": kind, "认定违法犯罪": c(0.85),
            "利用疫情": c(0.8) if kind in market + ("电信网络诈骗", "编造传播谣言") else False,
            "认定严重扰乱市场秩序": kind in market and c(0.6), "认定危害国家安全": kind == "编造传播谣言" and c(0.45)}


# ---------------------------------------------------------------------------------------- articles 14 to 19

@profile("InclusiveLoan", kept=["借款企业规模", "单户授信总额", "小微贷款余额", "综合融资成本"])
def inclusive_loan(rng, number, world):
    """Inclusive loans cost 5.9% or so, with some credit lines at and about 10 million."""
    size = weighted(rng, {"大型": 1, "中型": 2, "小型": 6, "微型": 8})
    credit = rng.choice((Decimal(1000), Decimal("1000.000001"), Decimal("999.99"))) if rng.random() < 0.2 else \
        amount(rng, {"大型": 30000, "中型": 4000, "小型": 700, "微型": 120}[size])
    middle = 435 if size in ("大型", "中型") else 590
    return {"借款企业规模": size, "单户授信总额": credit,
            "小微贷款余额": (credit * rng.randrange(10, 101) / 100).quantize(Decimal("0.01")),
            "综合融资成本": Decimal(middle + rng.randrange(-80, 81)) / 100}


@profile("CreditApplication")
def credit_application(rng, number, world):
    promised = between(rng, date(3, 1), date(4, 15))
    after = rng.choice((0, -1, -4, 1, 6, None))
    return {"符合银行信贷政策": rng.random() < 0.8, "审批期限": promised,
            "授信审批完成日期": by_then(None if after is None else promised + days(after))}


@profile("Petition")
def petition(rng, number, world):
    received = rng.choice((date(2, 28), date(2, 29), date(3, 28), date(3, 29), date(3, 30), date(3, 31))) \
        if rng.random() < 0.3 else between(rng, date(2, 24), SNAPSHOT)
    answered = rng.choice((0, 1, 1, 2, 2, 2, 3, 6, None))
    return {"反映渠道": weighted(rng, {"省问题诉求反映平台": 6, "96345热线": 5, "其他渠道": 2}), "收到日期": received,
            "已集中分办": rng.random() < 0.93,
            "沟通反馈日期": by_then(None if answered is None else received + days(answered))}


@profile("Authority")
def authority(rng, number, world):
    """16 cities, 34 departments of the province, the others departments of counties."""
    c = chance(rng)
    kind = "市" if number <= 16 else "省直部门" if number <= 50 else "其他部门单位"
    department, county = kind == "省直部门", kind == "其他部门单位"
    pushes = c(0.5) if department or county else False
    made = pushes and c(0.9)
    serves = county and c(0.75)
    return {"承担政策清单推送": pushes, "已形成政策清单": made if pushes else None,
            "已打包推送给企业": made and c(0.85) if pushes else None, "县级工业商务及相关部门": serves,
            "已建立中小微企业服务员制度": c(0.8) if serves else None, "单位类别": kind,
            "认定为省直有关部门": c(0.7) if department else None, "已制定一表填报办法": c(0.8),
            "多头重复要报表数据": weighted(rng, {0: 8, 1: 1, 4: 1}), "已制定工作方案": c(0.85) if not county else c(0.2)}


@profile("City")
def city(rng, number, row):
    rewarded = number % 2 == 0
    return {"认定为复工达产奖励对象": None if number == 9 else rewarded,
            "特色农产品保险保费补贴": None if number == 12 else 0 if number == 6 else amount(rng, 4_500_000),
            "特色步行街条数": None if number == 14 else rng.choice((0, 1, 2, 2, 3))}


@profile("County")
def county(rng, number, row):
    c = chance(rng)
    return {"疾控中心实验室生物安全等级": weighted(rng, {0: 2, 1: 2, 2: 8, 3: 1}),
            "特色农产品保险保费补贴": 0 if c(0.2) else amount(rng, 900_000), "已建立特色街区": c(0.6),
            "文旅消费县评定": weighted(rng, {"示范县": 1, "试点县": 2, "未评定": 7})}


@profile("PowerPlant")
def power_plant(rng, number, row):
    c = chance(rng)
    low = row["电煤库存可用天数"] != "" and Decimal(row["电煤库存可用天数"]) < 10
    return {"认定为重点发电企业": c(0.5), "燃用省内煤": c(0.6), "已采取应急调运措施": c(0.75) if low else False,
            "因缺煤停机影响发电供热": low and c(0.15)}


# ---------------------------------------------------------------------------------------- articles 21 to 27

@profile("Project", kept=["建设阶段", "全年完成投资", "已实施", "已复工", "疫情防控用途", "用地项目类别",
                          "申请新增建设用地", "用地申请日期"],
         often=["认定符合专项债券要求"])
def project(rng, number, row):
    """Of three projects two are on the list of provincial key projects, every fifth is on the white list."""
    c = chance(rng)
    key, white = number % 3 != 0, number % 5 == 0
    phase = ("续建" if c(0.55) else "新开工") if key else weighted(rng, {"续建": 1, "新开工": 1, "其他阶段": 2})
    resumed = (phase == "续建" and number not in (77, 178)) or (phase == "其他阶段" and c(0.5))
    planned = rng.choice((date(3, 30), date(3, 31), date(4, 1))) if c(0.2) else between(rng, date(2, 25), date(6, 30))
    started = rng.choice((0, 0, -2, -5, 1, 8, None))
    started = None if started is None else by_then(planned + days(started))
    if phase != "新开工":
        planned, started = None, None
    purpose = weighted(rng, {"不属疫情防控需要": 14, "医疗卫生": 2, "防疫管理": 1, "隔离观察": 1, "防控物资生产": 2,
                             "认定的其他疫情防控需要": 1})
    control = purpose != "不属疫情防控需要"
    building = c(0.85)
    first = control and building and c(0.6)
    land = weighted(rng, {"省重大项目": 4 if key else 0, "省新旧动能转换优选项目": 2, "省双招双引重点签约项目": 2,
                          "保障性住房项目": 1, "教育项目": 1, "医疗卫生项目": 1, "乡村振兴项目": 2, "扶贫项目": 1,
                          "认定的其他社会民生项目": 1, "不属所列类别": 5})
    hectares = Decimal(0) if c(0.3) else Decimal(rng.randrange(2, 900)) / 10
    if not hectares and c(0.1):
        purpose = None
    done = resumed or started is not None
    return {"建设阶段": phase, "已复工": resumed, "计划开工日期": planned, "实际开工日期": started,
            "全年完成投资": amount(rng, Decimal("3.2")) if done else 0, "认定重大项目": c(0.9) if key else c(0.25),
            "审批事项已实施区域评估": c(0.5), "认定不宜实行承诺制": c(0.12), "认定急需开工建设": control or c(0.2),
            "疫情防控用途": purpose, "工程建设项目": building, "已先行开工": first,
            "补办手续完成日期": between(rng, date(3, 5), SNAPSHOT) if first and c(0.3) else None,
            "已实施": done and c(0.9), "认定符合专项债券要求": c(0.6) if white else c(0.2), "用地项目类别": land,
            "申请新增建设用地": hectares, "用地申请日期": between(rng, date(2, 29), SNAPSHOT) if hectares else None}


@profile("School")
def school(rng, number, world):
    c = chance(rng)
    kind = weighted(rng, {"高校": 6, "技工学校": 6, "其他学校": 3})
    graduates = rng.choice((0, 180, 560, 1240, 3800, 6100))
    served = graduates if c(0.6) else max(0, graduates - rng.choice((1, 25)))
    return {"种类": kind, "开展网上招聘": c(0.85), "毕业生人数": graduates, "已提供招聘服务的毕业生": served}


@profile("UnemploymentEvent")
def unemployment_event(rng, number, world):
    c = chance(rng)
    sudden = c(0.75)
    return {"上报日期": between(rng, date(2, 10), SNAPSHOT), "认定为突发性": sudden,
            "认定为规模性": c(0.75 if sudden else 0.4), "核定动用数额": amount(rng, 180)}


@profile("Community")
def community(rng, number, world):
    c = chance(rng)
    built = c(0.93)
    return {"已建立特殊困难群众名单": built, "名单动态更新": built and c(0.92), "已明确主体责任和下沉服务责任": c(0.92),
            "实时掌握困难情况": built and c(0.92)}


@profile("Student")
def student(rng, number, world):
    return {"家庭经济困难": rng.random() < 0.55}


# Whom a household consists of, for each kind of household.
HOUSEHOLDS = [
    ("城市在业", ["返岗工人", "购车人员"]), ("零就业", ["失业人员", "失业人员"]), ("城市一人失业", ["失业人员", "返岗工人"]),
    ("政策享受", ["公益性岗位人员", "灵活就业人员"]), ("一线", ["医务人员", "其他一线人员"]),
    ("特殊区域", ["执勤隔离人员", "执勤隔离人员"]), ("孤寡老人", ["孤寡老人"]), ("农村贫困", ["贫困劳动力", "困境儿童"]),
    ("农村外出", ["返岗工人", "困境儿童"]), ("零就业带老人", ["失业人员", "普通老人"]), ("困境", ["重病重残人员", "困境儿童"]),
]


@profile("Household")
def household(rng, number, world):
    c = chance(rng)
    kind = HOUSEHOLDS[(number - 1) % len(HOUSEHOLDS)][0]
    rural = kind in ("农村贫困", "农村外出") or kind == "困境" and c(0.5)
    poor = kind == "农村贫困" or (rural and c(0.3))
    distress = kind in ("困境", "零就业", "零就业带老人") and c(0.6) or kind in ("孤寡老人", "农村贫困") and c(0.3)
    hit = distress or c(0.25)
    return {"建档立卡贫困户": poor, "城市居民家庭": not rural, "认定基本生活陷入困境": distress, "因疫情影响生活困难": hit,
            "已认定困难": (c(0.5) if c(0.9) else None) if hit else False,
            "已掌握两不愁三保障情况": number != 63 if poor else None}


def nobody():
    """A person whom none of the articles concerns."""
    enums = {"隔离观察人员类别": "其他人员", "困境儿童类别": "不属困境儿童", "一线岗位": "不属一线人员"}
    no = ("返乡返城返岗人员 认定为重点人群 已登记信息 已健康监测筛查 在济宁特殊区域 已隔离观察 因工作需要封闭管理 家庭有困难 在法定劳动年龄内 失业 "
          "有劳动能力和就业愿望 符合失业保险金领取条件 已领取失业保险金 从事公益性岗位 就业困难人员 享受灵活就业社会保险补贴 距法定退休年龄不足五年 "
          "已稳定就业 认定基本生活陷入困境 认定特殊困难群众 因疫情在家隔离 孤寡老人 困难儿童 重病人员 重残人员 建档立卡贫困人口 有劳动能力 "
          "因疫情暂时无法外出务工 购买新能源汽车 参加汽车以旧换新 不听劝阻强行进入 认定造成严重后果 认定作出突出贡献 符合优秀共产党员基本条件 "
          "符合人民满意的公务员基本条件 入党积极分子 认定在斗争一线表现突出")
    return {title: False for title in no.split()} | enums | {
        "政策享受起始日": None, "持健康通行卡": True, "进入经营场所戴口罩": True}


def at_work(c):
    return {"在法定劳动年龄内": True, "有劳动能力": True, "有劳动能力和就业愿望": True, "已稳定就业": c(0.8)}


def subsidised(rng, c):
    """Three years run out at, before and after the days for which the samples are evaluated."""
    start = rng.choice((datetime.date(2017, 2, 28), datetime.date(2017, 3, 31), datetime.date(2017, 4, 1),
                        datetime.date(2016, 3, 31), between(rng, datetime.date(2016, 1, 1), datetime.date(2018, 6, 1))))
    return {"政策享受起始日": start, "距法定退休年龄不足五年": c(0.2), "已稳定就业": c(0.25)}


def as_unemployed(rng, c):
    conditions = c(0.65)
    return at_work(c) | {
        "失业": True, "有劳动能力和就业愿望": c(0.95), "已稳定就业": False, "符合失业保险金领取条件": conditions,
        "已领取失业保险金": conditions and c(0.8), "就业困难人员": c(0.4), "认定基本生活陷入困境": c(0.3),
        "认定特殊困难群众": c(0.3)}


def at_the_front(rng, c, role):
    public = role in ("基层党员干部", "公安民警")
    outstanding = c(0.6)
    return at_work(c) | {
        "已稳定就业": True, "一线岗位": role, "因工作需要封闭管理": c(0.75 if role == "一线医务人员" else 0.35),
        "家庭有困难": c(0.35), "认定作出突出贡献": outstanding and c(0.8), "符合优秀共产党员基本条件": public and c(0.7) or c(0.3),
        "符合人民满意的公务员基本条件": public and c(0.8), "入党积极分子": c(0.5), "认定在斗争一线表现突出": outstanding}


def as_child(rng, c):
    group = weighted(rng, {"农村留守儿童": 5, "社会散居孤儿": 1, "事实无人抚养儿童": 2, "其他重点困境儿童": 1, "不属困境儿童": 3})
    listed = group != "不属困境儿童"
    return {"困境儿童类别": group, "困难儿童": listed and c(0.6), "因疫情在家隔离": c(0.4), "认定特殊困难群众": listed and c(0.5)}


def role_of(rng, c, role):
    if role == "返岗工人":
        returned = c(0.85)
        return at_work(c) | {"返乡返城返岗人员": returned, "认定为重点人群": not returned and c(0.5), "已登记信息": c(0.9),
                             "已健康监测筛查": c(0.88), "持健康通行卡": c(0.85)}
    if role == "购车人员":
        electric = c(0.6)
        return at_work(c) | {"购买新能源汽车": electric, "参加汽车以旧换新": not electric or c(0.3)}
    if role == "失业人员":
        return as_unemployed(rng, c)
    if role == "公益性岗位人员":
        return at_work(c) | subsidised(rng, c) | {"从事公益性岗位": True, "就业困难人员": c(0.7)}
    if role == "灵活就业人员":
        return at_work(c) | subsidised(rng, c) | {"享受灵活就业社会保险补贴": True, "就业困难人员": c(0.85)}
    if role == "医务人员":
        return at_the_front(rng, c, "一线医务人员")
    if role == "其他一线人员":
        return at_the_front(rng, c, rng.choice(("基层党员干部", "公安民警", "公安民警", "社区工作者", "新闻工作者", "认定的其他一线人员")))
    if role == "执勤隔离人员":
        group = rng.choice(("执勤干警", "武警", "工人", "密切接触者", "其他人员"))
        return at_work(c) | {
            "在济宁特殊区域": c(0.85), "隔离观察人员类别": group, "已隔离观察": c(0.7), "认定为重点人群": group == "密切接触者",
            "已登记信息": True, "已健康监测筛查": c(0.9), "因工作需要封闭管理": group in ("执勤干警", "武警") and c(0.8),
            "家庭有困难": c(0.3)}
    if role == "孤寡老人":
        return {"孤寡老人": True, "因疫情在家隔离": c(0.7), "重病人员": c(0.3), "认定特殊困难群众": c(0.8),
                "认定基本生活陷入困境": c(0.4), "持健康通行卡": c(0.4)}
    if role == "普通老人":
        return {"因疫情在家隔离": c(0.3), "重病人员": c(0.2), "持健康通行卡": c(0.4)}
    if role == "贫困劳动力":
        able = c(0.85)
        return {"在法定劳动年龄内": True, "建档立卡贫困人口": True, "有劳动能力": able, "有劳动能力和就业愿望": able,
                "因疫情暂时无法外出务工": able and c(0.75), "返乡返城返岗人员": c(0.4), "已登记信息": c(0.9),
                "已健康监测筛查": c(0.9)}
    if role == "困境儿童":
        return as_child(rng, c)
    return {"在法定劳动年龄内": c(0.6), "重病人员": c(0.6), "重残人员": c(0.5), "因疫情在家隔离": c(0.6), "认定特殊困难群众": c(0.8),
            "认定基本生活陷入困境": c(0.6)}


# What one office registers; who did not come to that office has none of it.
SECTIONS = [
    ["返乡返城返岗人员", "认定为重点人群", "已登记信息", "已健康监测筛查"], ["在济宁特殊区域", "隔离观察人员类别", "已隔离观察"],
    ["因工作需要封闭管理", "家庭有困难"],
    ["失业", "有劳动能力和就业愿望", "符合失业保险金领取条件", "已领取失业保险金", "从事公益性岗位", "就业困难人员", "享受灵活就业社会保险补贴"],
    ["认定基本生活陷入困境", "认定特殊困难群众", "困境儿童类别", "因疫情在家隔离"], ["建档立卡贫困人口", "有劳动能力", "因疫情暂时无法外出务工"],
    ["购买新能源汽车", "参加汽车以旧换新"], ["一线岗位", "认定作出突出贡献"], ["入党积极分子", "认定在斗争一线表现突出"],
]


def members(households):
    """The people of the households in order: the key of the household and what they are."""
    return [(key, role) for at, key in enumerate(households) for role in HOUSEHOLDS[at % len(HOUSEHOLDS)][1]]


@profile("Person", rows=sum(len(HOUSEHOLDS[at % len(HOUSEHOLDS)][1]) for at in range(80)), kept=["户编号"],
         often=["入党积极分子", "不听劝阻强行进入", "认定造成严重后果", "符合优秀共产党员基本条件", "符合人民满意的公务员基本条件",
                "因疫情在家隔离", "已隔离观察"])
def person(rng, number, world):
    c = chance(rng)
    home, role = members(world["家庭"])[number - 1]
    values = nobody() | role_of(rng, c, role) | {"户编号": home}
    adult = role not in ("困境儿童", "孤寡老人")
    if adult and number % 9 == 0:
        forced = c(0.75)
        values |= {"进入经营场所戴口罩": c(0.1), "不听劝阻强行进入": forced, "认定造成严重后果": forced and c(0.6)}
    for section in SECTIONS:
        if c(0.03):
            values |= dict.fromkeys(section)
    return values


# ---------------------------------------------------------------------------------------- articles 28 to 32

@profile("Village")
def village(rng, number, world):
    """Spent so far: at 80% to the cent, a cent below it, well above, or little yet."""
    income = Decimal(0) if rng.random() < 0.12 else amount(rng, 60000)
    due = income * 80 / 100
    spent = rng.choice((due, due - Decimal("0.01"), income * 9 / 10, income, income / 4, income / 10))
    spent = max(spent, Decimal(0)).quantize(Decimal("0.01"), rounding="ROUND_CEILING")
    wages = (spent * rng.randrange(30, 90) / 100).quantize(Decimal("0.01"))
    return {"光伏扶贫发电收益": income, "公益岗位工资支出": wages, "公益事业劳务支出": spent - wages}


@profile("PovertyProject")
def poverty_project(rng, number, world):
    c = chance(rng)
    small = c(0.65)
    return {"认定小微扶贫项目": small, "按规定程序": c(0.85 if small else 0.6), "符合疫情防控需要": c(0.6), "符合脱贫攻坚政策": c(0.85)}


@profile("Farm")
def farm(rng, number, world):
    c = chance(rng)
    kind = weighted(rng, {"养殖场": 8, "屠宰企业": 3, "其他单位": 1})
    species = weighted(rng, {"猪": 8, "牛": 2, "羊": 2, "家禽": 3, "其他畜禽": 1})
    owed = amount(rng, 45000) if species == "猪" and c(0.8) else Decimal(0)
    return {"类别": kind, "品种": species, "病死畜禽无害化处理": c(0.75), "2019年度应付贴息": owed,
            "贴息兑付日期": between(rng, date(1, 10), SNAPSHOT) if owed and c(0.6) else None}


@profile("Supply")
def supply(rng, number, world):
    c = chance(rng)
    role = weighted(rng, {"农业龙头企业": 6, "参与调运的流通企业": 5, "其他单位": 2})
    return {"供应单位类别": role, "供应品种": rng.choice(("猪肉", "鸡肉", "鸡蛋", "叶菜", "根茎类蔬菜", "面粉", "食用油", "冷鲜鱼")),
            "择优选取": role == "农业龙头企业" and c(0.7), "政府组织参与调运": role == "参与调运的流通企业" and c(0.75),
            "供应量或任务量": amount(rng, 120, "0.001")}


@profile("ColdStore")
def cold_store(rng, number, world):
    return {"农村": rng.random() < 0.7, "冷链物流保鲜仓储": rng.random() < 0.8}


@profile("Vehicle")
def vehicle(rng, number, world):
    c = chance(rng)
    fresh = c(0.6)
    share = (rng.choice((Decimal(80), Decimal("79.99"), Decimal(100))) if c(0.4) else
             Decimal(rng.randrange(4500, 10000)) / 100) if fresh else Decimal(0)
    emergency = c(0.1 if fresh else 0.4)
    return {"装载应急物资": emergency, "装载重点生产生活物资": c(0.15 if fresh else 0.5), "装载鲜活农产品": fresh,
            "鲜活农产品装载比例": share, "与其他货物混装": fresh and share < 100 and (emergency or c(0.15))}


@profile("CoachTrip")
def coach_trip(rng, number, world):
    """Mostly from counties of medium risk; full, at half of the seats, empty, and one seat too many."""
    c = chance(rng)
    seats = rng.choice((19, 33, 39, 45, 49, 53))
    medium = [key for key, tier in world["县的风险等级"].items() if tier == "中风险"]
    taken = rng.choice((seats // 2, seats // 2 + 1, seats, seats + 1, seats * 7 // 10, 0))
    return {"始发县": rng.choice(medium) if c(0.75) else rng.choice(world["县"]),
            "营运种类": weighted(rng, {"长途客车": 5, "包车": 4, "其他客车": 2}), "核定座位": seats, "实载乘客": taken}


# ---------------------------------------------------------------------------------------- articles 33 to 39

@profile("ConsumptionProject", kept=["认定属于文化旅游消费", "申请日期", "核定数额"])
def consumption_project(rng, number, world):
    """Applications in turn, more than the fund has; one amount is not settled yet, so those behind it have to wait."""
    return {"认定属于文化旅游消费": rng.random() < 0.9, "申请日期": date(3, 2) + days((number - 1) // 3),
            "核定数额": None if number == 52 else 0 if number % 17 == 0 else amount(rng, 170)}


@profile("BusinessLoan")
def business_loan(rng, number, world):
    c = chance(rng)
    want = rng.choice((None, None, ("认定文化或旅游企业", "是"), ("国家疫情防控重点保障企业", "是"), ("外贸企业", "是")))
    firms = [firm for firm in world["好企业"] if want is None or firm[want[0]] == want[1]]
    firm = rng.choice(firms)
    principal = amount(rng, 380)
    hit = firm["受疫情影响"] == "是"
    hardship = hit and c(0.65)
    due = rng.choice((date(3, 30), date(3, 31), date(4, 1))) if c(0.25) else between(rng, date(2, 1), date(7, 31))
    existing = c(0.8)
    needs = existing and c(0.7)
    return {"借款企业": firm["统一社会信用代码"], "贷款余额": principal,
            "应付利息": (principal * 10000 * rng.randrange(8, 16) / 1000).quantize(Decimal("0.01")), "受疫情影响": hit,
            "还款困难": hardship, "应付罚息": amount(rng, 900) if hardship and due < SNAPSHOT and c(0.6) else 0,
            "贷款手续费": rng.choice((0, 0, 50, 200, 500)), "贷款到期日": due, "存量客户": existing, "有资金接续需求": needs,
            "资金接续方式": weighted(rng, {"展期": 4, "无还本续贷": 3, "其他接续方式": 1}) if needs else None,
            "需要应急转贷": needs and c(0.4)}


@profile("Claim")
def claim(rng, number, world):
    c = chance(rng)
    return {"疫情防控期间": c(0.8), "贸易真实": c(0.9), "债权金额确定": c(0.75)}


@profile("Declaration", often=["因疫情影响滞报天数"])
def declaration(rng, number, world):
    """Cleared within the 24 hours to the minute, a minute late, long after, or not yet."""
    c = chance(rng)
    goods = weighted(rng, {"农产品": 5, "食品": 4, "疫情防控物资": 4, "其他货物": 4})
    imported = c(0.7)
    booked = None
    if c(0.65 if goods in ("农产品", "食品") else 0.2):
        moment = datetime.time(rng.randrange(24), rng.randrange(60))
        booked = datetime.datetime.combine(between(rng, date(3, 3), SNAPSHOT), moment)
    took = rng.choice((180, 700, 1200, 1440, 1441, 2900, None))
    cleared = booked + datetime.timedelta(minutes=took) if booked and took else None
    if cleared and cleared.date() > SNAPSHOT:
        cleared = None
    late = rng.choice((0, 0, 0, 1, 3, 7, 20)) if imported else 0
    by_epidemic = rng.choice((late, late, late // 2, 0, late + 1)) if late else 0
    return {"申报货物": goods, "进出境方式": weighted(rng, {"快件": 2, "邮寄物": 1, "跨境电商货物、物品": 3, "一般货物": 6}),
            "进口": imported, "已预约加急": goods == "疫情防控物资" and c(0.7) or c(0.1), "预约通关时刻": booked,
            "通关放行时刻": cleared, "滞报天数": late, "因疫情影响滞报天数": by_epidemic,
            "滞报金": (amount(rng, 160000) * late / 2000).quantize(Decimal("0.01"))}


# ---------------------------------------------------------------------------------------- articles 40 to 53

@profile("Platform", kept=["平台种类"])
def platform(rng, number, world):
    """24 digital platforms, of which exactly 20 are built; nothing is blank among those."""
    c = chance(rng)
    if number <= 24:
        return {"平台种类": "省级数字经济平台", "已建成运行": "是" if number <= 20 else "否"}
    if number in (25, 26):
        return {"平台种类": ("山东互联网医院", "全省互联网医疗健康平台")[number - 25], "已建成运行": number == 25}
    kind = weighted(rng, {"医养健康重大平台项目": 5, "国家级双跨工业互联网平台": 1, "城乡冷链产融生态平台": 3, "其他平台": 5})
    if number in (40, 66):
        return {"平台种类": None, "已建成运行": "否"}
    return {"平台种类": kind, "已建成运行": c(0.5) if c(0.9) else None}


@profile("Bank")
def bank(rng, number, world):
    return {"小微企业贷款损失": 0 if rng.random() < 0.2 else amount(rng, 260)}


@profile("Court")
def court(rng, number, world):
    c = chance(rng)
    return {title: c(0.93) for title in ("网上立案", "网上开庭", "网上审理", "网上送达", "网上财产查控")}


@profile("KeyTask", kept=["承担单位"])
def key_task(rng, number, world):
    """Two for each of the first forty authorities; the others have none."""
    c = chance(rng)
    timetable = c(0.93)
    due = rng.choice((date(3, 30), date(3, 31), date(4, 1))) if c(0.25) else between(rng, date(3, 5), date(6, 30))
    closed = rng.choice((0, -1, -6, 1, 9, None))
    return {"承担单位": world["部门单位"][(number - 1) // 2], "已列入台账": c(0.95), "有任务书": c(0.95), "有时间表": timetable,
            "有责任状": c(0.95), "时间表所定完成日期": due if timetable else None,
            "销号日期": by_then(due + days(closed)) if timetable and closed is not None else None}


@profile("KeyProblem")
def key_problem(rng, number, world):
    c = chance(rng)
    analysed = c(0.9)
    resolved = analysed and c(0.9)
    return {"认定制约全局": c(0.7), "已分析研判": analysed, "已会商解决": resolved, "已反馈结果": resolved and c(0.9)}


@profile("Unit")
def unit(rng, number, world):
    members = rng.choice((0, 5, 6, 10, 25, 48, 120))
    least = -(-members * 8 // 10)
    return {"单位级别": weighted(rng, {"省级": 2, "市级": 4, "县级": 6, "其他级别": 2}),
            "单位性质": weighted(rng, {"企业": 4, "机关": 5, "事业单位": 5, "社会团体": 1, "民办非企业单位": 1}),
            "在职党员总数": members,
            "参加志愿服务的在职党员": max(0, min(members, least + rng.choice((0, 0, 1, -1, -3, 4)))),
            "党组织认定作出突出贡献": rng.random() < 0.25}


@profile("Official")
def official(rng, number, world):
    """Most do well; one in four fails in one way or another."""
    c = chance(rng)
    grade = weighted(rng, {"省管领导干部": 2, "处级": 4, "科级": 5, "其他干部": 2})
    failing = c(0.3)
    outstanding = not failing and c(0.6)
    return {"干部级别": grade, "在疫情防控一线": c(0.7), "认定表现突出": outstanding, "认定堪当重任": outstanding and c(0.8),
            "认定不担当不作为": failing and c(0.35), "认定失职渎职": failing and c(0.2), "认定落实力不足": failing and c(0.4),
            "认定应对风险能力不强": failing and c(0.3), "认定不胜任工作": failing and c(0.3), "认定紧要关头当逃兵": failing and c(0.25)}


@profile("Inspection", kept=["被督查单位"])
def inspection(rng, number, world):
    c = chance(rng)
    held = between(rng, date(3, 1), SNAPSHOT)
    return {"被督查单位": world["部门单位"][rng.randrange(60)], "联合督查": c(0.85), "督查日期": held,
            "同一事项上次督查日期": held - days(rng.choice((3, 7, 14, 30))) if c(0.25) else None}


@profile("Clue")
def clue(rng, number, world):
    return {"线索来源": rng.choice(("信访举报", "互联网舆情反映", "媒体报道", "疫情防控督查发现", "其他来源"))}


@profile("ConductCase")
def conduct_case(rng, number, world):
    c = chance(rng)
    delivery, funds = ("政策落实不力", "敷衍塞责", "推诿扯皮"), ("贪污", "挪用", "截留", "挤占")
    kind = rng.choice(delivery + funds + ("不服从统一指挥调度", "作风漂浮", "消极应付", "脱离工作实际", "加重基层负担", "违反生产纪律",
                                          "粗制滥造", "假冒伪劣", "损害人民群众生命健康安全", "其他问题"))
    return {"作风问题种类": kind, "认定属实": c(0.75), "涉及疫情防控或复工复产政策": c(0.75) if kind in delivery else None,
            "涉及疫情防控资金物资": c(0.75) if kind in funds else None}


@profile("Farmer", often=["病死猪无害化处理"])
def farmer(rng, number, world):
    c = chance(rng)
    return {"生猪年出栏": rng.choice((60, 240, 499, 500, 501, 1800, 4999, 5000, 5001, 9000)), "有养殖贷款": c(0.7),
            "病死猪无害化处理": c(0.7)}


@profile("Province", rows=1, kept=["*"])
def province(rng, number, world):
    """Some targets are reached to the unit, some missed by one, and one thing is not known."""
    return {"已落实支持保障措施": 10, "已办好实事": 11, "已选派金融辅导员": 3000, "上年普惠小微贷款综合融资成本": Decimal("6.55"),
            "要素跟着项目走意见已出台": False, "省级投入消费引导资金": 5000, "市级投入消费引导资金": 4000,
            "县级投入消费引导资金": 3000, "已开通云招商系统": True, "已开通云招聘系统": True, "数字基础设施指导意见已出台": True,
            "数字经济平台建设方案已制定": False, "中央环保督察及回头看反馈问题": 180, "已整改的反馈问题": 179,
            "已制定公共安全应急管理保障条例": True, "已修订突发公共卫生事件应急办法": None, "已编制应急管理保障体系十年规划": True,
            "已建成公共安全信息系统": False, "已建成区域应急救援中心": 5, "已抽调四进攻坚干部": 10000}


# ------------------------------------------------------------------------------------------------ enterprises

# What the industrial firms are, in turn.
TRADES = ["防护用品", "砂石矿山", "转产服装", "防护用品", "化工", "防护用品", "矿山", "装备", "防护用品", "食品"]
POLLUTING = {"工业": 0.95, "建筑业": 0.5, "农林牧渔业": 0.6, "餐饮业": 0.6, "仓储业": 0.3, "住宿业": 0.3}
PLATFORMS = ("线上零售", "在线教育", "网络培训", "居家办公", "虚拟会务", "认定的其他功能性服务平台")


def resumption_day(text):
    parts = text.replace("年", "/").replace("月", "/").rstrip("日").split("/")
    try:
        return datetime.date(*map(int, parts))
    except ValueError:
        return None


def protective(rng, c, trade, nth):
    """Article 7."""
    maker, converting, expanding = trade == "防护用品", trade == "转产服装", trade == "防护用品" and c(0.6)
    transferred = maker and c(0.75)
    blocked = transferred and c(0.75)
    meets = maker and c(0.7) or trade in ("食品", "装备") and c(0.3)
    applied = meets and c(0.8)
    return {"医疗防护用品生产企业": maker, "国家统一调出": transferred, "无法即时结算": blocked,
            "未结算货款": amount(rng, 860_000) if blocked else 0, "转产": converting, "扩产": expanding,
            "新增产能技术改造设备投资": amount(rng, 320) if expanding or converting and c(0.8) else 0,
            "生产国标医用防护服": (maker or converting) and c(0.6), "认定符合重点保障企业条件": meets,
            "已申报重点保障企业": applied, "国家疫情防控重点保障企业": applied and c(0.75)}


def taxes(rng, c, firm, heavily):
    """Article 15."""
    loss = heavily and c(0.35)
    difficulty = loss and c(0.85)
    return {"认定因疫情遭受重大损失": loss, "认定遭受重大直接经济损失": loss and c(0.5) or heavily and c(0.1),
            "认定纳税确有困难": difficulty, "税务机关核准": difficulty and c(0.8),
            "城镇土地使用税": amount(rng, 18000) if firm and c(0.8) else 0,
            "房产税": amount(rng, 26000) if firm and c(0.7) else 0}


def trading(rng, c, firm, exporter, hit):
    """Articles 36 to 39."""
    trader = firm and (exporter and c(0.95) or c(0.04))
    group = trader and c(0.5)
    missed = group and hit and c(0.75)
    key = trader and c(0.3)
    known = firm and (trader and c(0.4) or c(0.05))
    return {"外贸企业": trader, "购买资信报告费用": amount(rng, 6000) if trader and c(0.4) else 0,
            "进口商品类别": weighted(rng, {"十强产业先进技术设备": 2, "十强产业关键零部件": 2, "紧缺疫情防护物资": 1, "一般消费品": 2,
                                     "其他进口商品": 2, "没有进口": 8}) if trader else "没有进口",
            "参加统一组织的展会": group, "因疫情不能参加境外展会": missed,
            "未能参展已发生的展位费": amount(rng, 32000) if missed and c(0.8) else 0, "参加筛选的重点展会": key,
            "重点展会展位费": amount(rng, 28000) if key and c(0.85) else 0, "上线认定的知名电商平台": known,
            "电商平台展示推介费用": amount(rng, 15000) if known and c(0.8) else 0,
            "应退出口退税": amount(rng, 240_000) if exporter and c(0.75) else 0, "实地核查有困难": exporter and c(0.35),
            "未及时缴纳信保保费": exporter and hit and c(0.35), "无法如期履行国际贸易合同": exporter and hit and c(0.3),
            "不能履行国际贸易合同": exporter and hit and c(0.1)}


def environment(rng, c, firm, industry, resumed_on, resumed):
    """Article 43: done in time, on the very day (too late), afterwards, or not at all."""
    def ready():
        before = rng.choice((1, 1, 2, 3, 5, 8, 0, -2, None))
        return by_then(resumed_on - days(before)) if resumed_on and before is not None else None

    facilities = firm and c(POLLUTING.get(industry, 0.05))
    monitors = facilities and c(0.5)
    stable = facilities and resumed
    return {"有污染防治设施": facilities, "有自动监测设备": monitors, "污染防治设施检修调试完成日期": ready() if facilities else None,
            "自动监测设备维护检修完成日期": ready() if monitors else None, "环境安全隐患排查整改完成日期": ready(),
            "污染防治设施稳定运行": c(0.93) if stable else None, "认定污染物稳定达标排放": c(0.92) if stable else None}


def credit_and_safety(rng, c, firm, hit, trade):
    """Articles 45 to 47."""
    listed = firm and c(0.06)
    mine = trade in ("砂石矿山", "矿山")
    risky = mine or trade == "化工" or firm and c(0.04)
    return {"上市公司": firm and c(0.05), "延迟交货": hit and c(0.25), "延期还贷": hit and c(0.2), "合同逾期": hit and c(0.15),
            "认定的其他失信行为": c(0.03), "已列入失信名单": listed, "认定符合信用修复条件": listed and c(0.5), "矿山企业": mine,
            "认定其他高危行业企业": not mine and risky, "已投保安全生产责任保险": c(0.8) if risky else c(0.1),
            "应急预案到位": c(0.93), "应急培训到位": c(0.9), "应急演练到位": c(0.88)}


@profile("Enterprise", often=["无法即时结算", "生产国标医用防护服", "已申报重点保障企业", "停产整顿", "参加筛选的重点展会"])
def enterprise(rng, nth, row):
    """What qiye.csv has beyond the fields that make.py writes; nth counts the firms of the same industry."""
    c = chance(rng)
    industry = row["所属行业"]
    firm = row["单位性质"] in ("企业", "")
    exporter = row["出口信用险保费"] not in ("", "0") or row["出口市场"] != ""
    trade = TRADES[nth % len(TRADES)] if industry == "工业" and firm else ""
    resumed_on = resumption_day(row["复工日期"])
    resumed = resumed_on is not None and resumed_on <= SNAPSHOT
    troubled = "是" in (row["生产经营困难"], row["受疫情影响经营困难"])
    hit = firm and c(0.9 if troubled else 0.4)
    heavily = hit and c(0.6 if troubled else 0.25)
    foreign = firm and c(0.14)
    cannot_pay = hit and c(0.4)
    farming = industry == "农林牧渔业" and firm
    breeder = farming and c(0.5)
    carrier = industry == "交通运输业" and firm
    culture = firm and c({"住宿业": 0.7, "租赁和商务服务业": 0.4, "其他未列明行业": 0.4, "餐饮业": 0.2}.get(industry, 0.02))
    serves = firm and c({"信息传输业": 0.6, "软件和信息技术服务业": 0.6, "零售业": 0.5}.get(industry, 0.03))
    in_library = serves and c(0.75)
    quarry = trade == "砂石矿山"
    return {
        "外商投资企业": foreign, "民营企业": firm and not foreign and c(0.75), "已复工复产": resumed, "受疫情影响": hit,
        "受疫情影响较大": heavily, "不能按期缴纳税款": cannot_pay, "已申请延期缴纳税款": cannot_pay and c(0.75),
        "认定防控不力": resumed and c(0.05),
    } | protective(rng, c, trade, nth) | taxes(rng, c, firm, heavily) | {
        "承担交通运输保障": carrier and c(0.5), "承担定制化运输服务": carrier and c(0.4), "砂石矿山企业": quarry,
        "停产整顿": quarry and c(0.5), "新型农业经营主体": farming and c(0.6), "集约化种苗种畜鱼苗生产企业": breeder,
        "认定为保障市场供应作出重要贡献": breeder and c(0.75) or c(0.03), "认定文化或旅游企业": culture,
        "线上服务平台类别": rng.choice(PLATFORMS) if serves else "不是平台企业", "已入宅经济企业培育库": in_library,
        "认定符合创新券扶持条件": in_library and c(0.75), "认定为招商引资重点企业": foreign and c(0.6) or firm and c(0.08),
    } | trading(rng, c, firm, exporter, hit) | environment(rng, c, firm, industry, resumed_on, resumed) | \
        credit_and_safety(rng, c, firm, hit, trade)
