"""The shipped Korean and English names; the first of each entry is the Korean label."""

from collections.abc import Mapping

SHEETS: Mapping[str, tuple[str, ...]] = {
    "employees": ("직원", "사원", "임직원", "인사", "staff", "people", "users"),
    "customers": ("고객", "고객사", "거래처", "고객정보", "accounts", "clients"),
    "opportunities": ("영업기회", "기회", "영업 건", "deals", "opps"),
    "activities": ("영업활동", "활동", "활동내역", "sales activities"),
    "contracts": ("계약", "계약내역", "계약목록"),
    "contract_steps": ("계약후속", "계약후속처리", "계약단계", "후속처리"),
    "requests": ("요청", "요청내역", "지원요청", "접수", "문의", "tickets", "cases"),
    "request_events": ("요청이력", "요청상태이력", "상태이력", "처리이력", "ticket events"),
    "survey_responses": ("설문응답", "설문", "만족도", "만족도조사", "surveys", "responses"),
    "report_deliveries": ("리포트발송", "리포트제공", "보고서발송", "보고서제공", "deliveries"),
    "meetings": ("회의", "회의록", "미팅"),
    "report_uses": ("리포트활용", "보고서활용", "report usage"),
    "insights": ("인사이트", "분석제안"),
    "materials": ("영업자료", "자료", "가이드", "자료목록", "guides", "documents"),
    "material_updates": ("자료갱신", "자료업데이트", "자료수정이력", "guide updates"),
    "record_audits": ("고객정보점검", "정보점검", "정확도점검", "표본점검", "audits"),
}

COMMON_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "deleted_at": ("삭제일시", "삭제일", "deleted on"),
    "version_no": ("버전", "버전번호", "version"),
    "updated_at": ("수정일시", "수정일", "변경일시", "최종수정일시", "last modified", "updated on"),
    "created_at": ("등록일시", "생성일시", "등록일", "생성일", "created on"),
}

_EMPLOYEE = ("사번", "직원번호", "직원ID", "사원번호")
_CUSTOMER = ("고객번호", "고객ID", "고객코드", "거래처코드", "account id", "client id")
_OPPORTUNITY = ("기회번호", "기회ID", "영업기회번호", "deal id")
_CONTRACT = ("계약번호", "계약ID", "contract no")
_REQUEST = ("요청번호", "요청ID", "접수번호", "ticket id", "case id", "request no")
_SALES_OWNER = ("영업담당자", "담당자", "담당영업", "소유자", "owner", "sales rep")
_ASSIGNEE = ("처리담당자", "담당자", "처리자", "assignee", "agent")
_AMOUNT = ("금액", "계약금액", "예상금액", "value")
_CURRENCY = ("통화", "화폐")
_AUTHOR = ("작성자", "작성자사번", "author", "writer")
_REPORT = ("리포트", "보고서", "리포트ID", "보고서ID", "report id")
_MATERIAL = ("자료번호", "자료ID", "guide id", "document id")
_MEETING = ("회의번호", "회의ID", "미팅번호")
_EMAIL = ("이메일", "메일", "전자우편", "e-mail", "mail", "email address")
_TEAM = ("팀", "소속", "부서", "소속팀", "department")

COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "employees": {
        "employee_id": (*_EMPLOYEE, "employee no", "staff id", "user id"),
        "name": ("이름", "성명", "직원명", "full name"),
        "email": _EMAIL,
        "team": _TEAM,
        "role": ("역할", "직무", "구분"),
        "manager_id": ("관리자", "상급자", "팀장", "manager"),
        "onboarding_owner_id": ("온보딩담당자", "온보딩담당", "onboarding owner"),
        "hired_on": ("입사일", "입사일자", "hire date", "hired"),
        "left_on": ("퇴사일", "퇴사일자", "leave date", "left"),
    },
    "customers": {
        "customer_id": _CUSTOMER,
        "name": ("고객명", "회사명", "상호", "업체명", "company", "company name", "customer name"),
        "business_registration_no": ("사업자등록번호", "사업자번호", "brn", "tax id"),
        "country": ("국가", "국가코드", "country code"),
        "contact_name": ("고객담당자명", "고객담당자", "연락담당자", "contact"),
        "email": _EMAIL,
        "phone": ("전화번호", "전화", "연락처", "phone number", "tel"),
        "postal_code": ("우편번호", "zip", "zip code", "postcode"),
        "address": ("주소", "소재지"),
        "segment": ("고객등급", "등급", "세그먼트", "고객군"),
        "owner_id": _SALES_OWNER,
        "steward_id": ("정보관리자", "정보관리담당자", "관리담당자", "steward", "data steward"),
        "status": ("상태", "고객상태"),
    },
    "opportunities": {
        "opportunity_id": _OPPORTUNITY,
        "customer_id": _CUSTOMER,
        "owner_id": _SALES_OWNER,
        "stage": ("단계", "영업단계"),
        "amount": _AMOUNT,
        "currency": _CURRENCY,
        "close_date": ("예상마감일", "마감예정일", "예상계약일", "expected close date"),
        "next_step": ("다음단계", "다음조치", "향후계획"),
        "is_closed": ("종료여부", "마감여부", "closed"),
        "is_won": ("수주여부", "성공여부", "won"),
        "closed_at": ("종료일시", "마감일시", "closed on"),
    },
    "activities": {
        "activity_id": ("활동번호", "활동ID"),
        "owner_id": _SALES_OWNER,
        "customer_id": _CUSTOMER,
        "opportunity_id": _OPPORTUNITY,
        "type": ("활동유형", "유형", "종류", "activity type"),
        "occurred_at": ("활동일시", "활동일", "발생일시", "activity date"),
        "recorded_at": ("입력일시", "기록일시", "입력일", "entered at"),
    },
    "contracts": {
        "contract_id": _CONTRACT,
        "opportunity_id": _OPPORTUNITY,
        "customer_id": _CUSTOMER,
        "owner_id": _SALES_OWNER,
        "support_owner_id": ("지원담당자", "영업지원담당자", "후속담당자", "support owner"),
        "signed_at": ("계약일시", "체결일시", "계약일", "계약체결일", "signed on", "contract date"),
        "amount": _AMOUNT,
        "currency": _CURRENCY,
        "status": ("상태", "계약상태"),
    },
    "contract_steps": {
        "contract_id": _CONTRACT,
        "step": ("단계", "처리단계", "후속단계"),
        "completed_at": ("완료일시", "처리완료일시", "완료일", "completed on"),
        "assignee_id": _ASSIGNEE,
    },
    "requests": {
        "request_id": _REQUEST,
        "kind": ("요청유형", "유형", "종류", "구분", "type", "request type"),
        "subject": ("제목", "요청제목", "내용", "title"),
        "requester_id": ("요청자", "요청자사번", "신청자", "requester"),
        "customer_id": _CUSTOMER,
        "assignee_id": _ASSIGNEE,
        "channel": ("접수채널", "채널", "경로"),
        "priority": ("우선순위", "중요도"),
        "status": ("상태", "처리상태", "진행상태"),
        "opened_at": ("접수일시", "요청일시", "접수일", "요청일", "opened on", "requested at"),
        "received_at": ("이관일시", "지원팀접수일시", "이관접수일시", "transferred at"),
        "completed_at": ("완료일시", "처리일시", "처리완료일시", "완료일", "completed on"),
    },
    "request_events": {
        "event_id": ("이력번호", "이력ID", "이벤트번호", "이벤트ID"),
        "request_id": _REQUEST,
        "to_status": ("변경상태", "상태", "변경후상태", "status", "new status"),
        "occurred_at": ("변경일시", "발생일시", "일시", "changed at"),
        "actor_id": ("변경자", "처리자", "actor", "changed by"),
    },
    "survey_responses": {
        "response_id": ("응답번호", "응답ID", "설문응답번호"),
        "survey": ("설문종류", "설문", "설문유형", "survey type"),
        "request_id": _REQUEST,
        "respondent_id": ("응답자", "응답자사번", "respondent"),
        "score": ("점수", "만족도", "평점", "rating"),
        "scale_min": ("최저점", "척도최소", "최소점수", "min score"),
        "scale_max": ("최고점", "척도최대", "최대점수", "max score"),
        "comment": ("의견", "코멘트", "comments"),
        "submitted_at": ("응답일시", "제출일시", "응답일", "제출일", "responded at"),
    },
    "report_deliveries": {
        "delivery_id": ("발송번호", "발송ID", "제공번호", "제공ID"),
        "report": _REPORT,
        "delivered_at": ("발송일시", "제공일시", "발송일", "제공일", "sent at"),
        "author_id": _AUTHOR,
    },
    "meetings": {
        "meeting_id": _MEETING,
        "kind": ("회의종류", "회의유형", "종류", "유형", "type"),
        "team": _TEAM,
        "held_at": ("회의일시", "개최일시", "회의일", "meeting date"),
    },
    "report_uses": {
        "meeting_id": _MEETING,
        "report": _REPORT,
        "used": ("활용여부", "사용여부", "활용", "is used"),
    },
    "insights": {
        "insight_id": ("인사이트번호", "인사이트ID"),
        "author_id": _AUTHOR,
        "title": ("제목", "인사이트명", "subject"),
        "provided_at": ("제공일시", "제공일", "provided on"),
        "accepted": ("채택여부", "채택", "is accepted"),
    },
    "materials": {
        "material_id": _MATERIAL,
        "title": ("제목", "자료명", "name"),
        "owner_id": ("자료담당자", "담당자", "관리자", "owner"),
        "retired_at": ("폐기일시", "폐기일", "사용종료일시", "retired on"),
    },
    "material_updates": {
        "update_id": ("갱신번호", "갱신ID", "업데이트번호", "수정번호"),
        "material_id": _MATERIAL,
        "updated_at": ("갱신일시", "수정일시", "업데이트일시", "갱신일", "updated on"),
        "author_id": (*_AUTHOR, "수정자", "갱신자"),
    },
    "record_audits": {
        "audit_id": ("점검번호", "점검ID"),
        "customer_id": _CUSTOMER,
        "audited_at": ("점검일시", "점검일", "audit date"),
        "is_accurate": ("정확여부", "일치여부", "정확", "accurate"),
        "field": ("점검항목", "항목"),
        "auditor_id": ("점검자", "점검자사번", "auditor"),
        "note": ("비고", "메모", "notes"),
    },
}

_STATUSES = {
    "open": (
        "진행중",
        "접수",
        "처리중",
        "진행",
        "신규",
        "new",
        "in progress",
        "pending",
        "reopened",
    ),
    "waiting": ("대기", "보류", "고객대기", "회신대기", "대기중", "on hold"),
    "done": ("완료", "처리완료", "종료", "해결", "closed", "completed", "resolved", "solved"),
    "cancelled": ("취소", "취소됨", "철회", "canceled"),
}

WORDS: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("employees", "role"): {
        "sales": ("영업", "영업사원", "sales rep"),
        "support": ("영업지원", "지원", "sales support"),
    },
    ("customers", "status"): {
        "prospect": ("잠재", "잠재고객", "가망", "lead"),
        "active": ("활성", "거래중", "정상", "customer"),
        "churned": ("이탈", "해지", "거래중단", "거래종료", "lost", "inactive"),
    },
    ("record_audits", "field"): {
        "name": ("고객명", "상호", "회사명"),
        "business_registration_no": ("사업자등록번호", "사업자번호"),
        "country": ("국가",),
        "contact_name": ("고객담당자명", "담당자명"),
        "email": ("이메일", "메일", "e-mail"),
        "phone": ("전화번호", "전화", "연락처"),
        "postal_code": ("우편번호",),
        "address": ("주소",),
        "owner_id": ("영업담당자", "담당영업"),
    },
    ("contracts", "status"): {
        "signed": ("체결", "계약", "계약체결", "정상", "active"),
        "cancelled": ("취소", "해지", "파기", "canceled"),
    },
    ("contract_steps", "step"): {
        "issue_contract": ("계약서발행", "계약서 발급", "발행"),
        "register_system": ("시스템등록", "전산등록", "등록"),
        "settle": ("정산", "정산처리"),
    },
    ("requests", "kind"): {
        "proposal": ("제안서", "제안", "제안서 작성", "견적"),
        "contract": ("계약서", "계약", "계약서 작성"),
        "material": ("자료", "자료요청", "영업자료", "material request"),
        "inquiry": ("문의", "고객문의", "question", "enquiry"),
        "complaint": ("불만", "고객불만", "민원", "클레임", "claim"),
        "other": ("기타", "others"),
    },
    ("requests", "status"): _STATUSES,
    ("request_events", "to_status"): _STATUSES,
    ("survey_responses", "survey"): {
        "material_request": ("자료요청", "자료요청만족도", "자료", "material"),
        "complaint_support": ("불만처리", "고객불만", "불만처리지원", "complaint"),
        "onboarding": ("온보딩", "신규입사자", "온보딩만족도"),
    },
    ("meetings", "kind"): {
        "weekly_sales": ("주간영업회의", "주간영업", "주간회의", "weekly sales meeting"),
    },
}
